// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <thread>
#include <utility>

#include "harness/base/command.hpp"
#include "harness/base/units.hpp"
#include "harness/observe/probes/catalog.hpp"

namespace faultline {
namespace {

constexpr std::size_t error_bytes_max = 200;

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

ProbeAnswer interpret(const Command& command, const Result<CommandResult>& result) {
    if (!result) return {.error = result.error().message};
    ProbeAnswer answer{.value = trimmed(result->output)};
    if (result->timed_out) {
        answer.error = "no end within " + spell_duration(command.timeout);
    } else if (result->signal) {
        answer.error = command.words[0] + " was ended by signal " + std::to_string(*result->signal);
    } else if (result->exit_code != 0) {
        answer.error = command.words[0] + " exited with code " +
                       std::to_string(result->exit_code.value_or(-1));
        const std::string said = trimmed(result->error_output);
        if (!said.empty()) answer.error += ": " + said.substr(0, error_bytes_max);
    }
    answer.ok = answer.error.empty();
    return answer;
}

/// Running a command blocks, so each question has a thread; its answer comes back through the loop.
class ExecProbe final : public Probe {
  public:
    ExecProbe(Loop& loop, Command command) : loop_(loop), command_(std::move(command)) {}
    ExecProbe(const ExecProbe&) = delete;
    ExecProbe& operator=(const ExecProbe&) = delete;
    /// Waits for a command under way, at most the attempt's timeout.
    ~ExecProbe() override { asking_.reset(); }

    void ask(std::function<void(ProbeAnswer)> answer) override {
        if (worker_.joinable()) worker_.join();
        *asking_ = std::move(answer);
        worker_ = std::jthread([this, asking = std::weak_ptr(asking_)] {
            const Instant asked = now();
            ProbeAnswer result = interpret(command_, run_command(command_));
            result.asked = asked;
            result.answered = now();
            // The loop outlives the worker, which the destructor joins; the probe may go before the
            // loop comes to this, hence the weak pointer.
            loop_.post([asking, result = std::move(result)] {
                const auto open = asking.lock();
                if (!open) return;
                const auto callback = std::exchange(*open, nullptr);
                callback(result);
            });
        });
    }

  private:
    Loop& loop_;
    Command command_;
    std::shared_ptr<std::function<void(ProbeAnswer)>> asking_ =
        std::make_shared<std::function<void(ProbeAnswer)>>();
    std::jthread worker_;
};

Result<std::unique_ptr<Probe>> make(Loop& loop, const ProbeSpec& spec, const ProbeTarget& target) {
    const auto& words = spec.parameters.get<std::vector<std::string>>("command");
    if (words.empty() || words[0].empty()) {
        return fail("probe exec of " + target.instance + ": \"command\" is empty; name a program",
                    ErrorCode::invalid);
    }
    return std::unique_ptr<Probe>(
        std::make_unique<ExecProbe>(loop,
                                    Command{.words = words,
                                            .environment = target.environment,
                                            .folder = target.folder,
                                            .timeout = spec.timeout}));
}

}  // namespace

ProbeKind exec_probe() {
    return {{.name = "exec",
             .about = "Runs a command; ok when it exits with 0, and the answer is its trimmed "
                      "standard output.",
             .parameters = {{.name = "command",
                             .type = ParameterType::texts,
                             .help = "The program and its arguments, run in the instance's folder.",
                             .required = true}},
             .answers = {"what the command prints"}},
            make};
}

}  // namespace faultline
