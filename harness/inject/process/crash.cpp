// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/inject/process/catalog.hpp"
#include "harness/inject/process/held_process.hpp"

namespace faultline {
namespace {

/// After SIGKILL was sent, no thread of the victim runs user code for longer than this; what an
/// observer sees (sockets, pidfd) comes only when its memory is torn down, 30 ms for 1 GiB.
/// Measured: 12.6 us p50, 19 us max, on two cores.
constexpr Duration last_instruction_max = std::chrono::microseconds(20);

class Crash final : public Fault {
  public:
    Crash(std::vector<Victim*> victims, int signal)
        : victims_(std::move(victims)), signal_(signal) {}

    [[nodiscard]] Result<> prepare() override {
        FL_TRY(held_, HeldProcess::hold_all(victims_));
        return {};
    }

    [[nodiscard]] Result<> apply() override {
        Result<> result;
        for (const HeldProcess& process : held_) {
            auto sent = process.signal(signal_);
            if (!sent && result) result = std::move(sent);  // the others are hit all the same
        }
        return result;
    }

    [[nodiscard]] Proof prove(Instant applied) override {
        Proof proof{.effect = Effect::confirmed};
        std::vector<std::string> sentences;
        for (const HeldProcess& process : held_) {
            const auto ended = process.ended();
            if (!ended) {
                proof.effect = Effect::unconfirmed;
                sentences.push_back(
                    fmt::format("{} still runs after {}", process.label(), signal_name(signal_)));
                continue;
            }
            if (!by_us(*ended)) proof.effect = Effect::unconfirmed;
            sentences.push_back(fmt::format("{} ended by {} {:.2f} ms after the call",
                                            process.label(),
                                            ended->how,
                                            milliseconds_of(ended->seen - applied)));
            if (!proof.observed || *proof.observed < ended->seen) proof.observed = ended->seen;
        }
        proof.evidence = fmt::format("{}", fmt::join(sentences, "; "));
        if (proof.effect == Effect::confirmed) {
            proof.effective_bound =
                signal_ == SIGKILL ? applied + last_instruction_max : proof.observed;
        }
        return proof;
    }

    [[nodiscard]] std::string mechanism() const override {
        return "pidfd_send_signal " + signal_name(signal_);
    }

  private:
    /// SIGKILL cannot be handled: another end was the victim's own doing.
    [[nodiscard]] bool by_us(const Victim::Ended& ended) const {
        return signal_ != SIGKILL || !ended.how.starts_with("exit code");
    }

    std::vector<Victim*> victims_;
    int signal_;
    std::vector<HeldProcess> held_;
};

}  // namespace

FaultKind process_crash() {
    Kind kind{
        .name = "process.crash",
        .about = "Ends the process with a signal, at once and without warning.",
        .parameters =
            {{.name = "signal",
              .type = ParameterType::signal,
              .help = "The signal; one that the process survives leaves the fault unconfirmed.",
              .default_value = "KILL",
              .minimum = 1,
              .maximum = 64}},
        .needs = "nothing: a process may signal its children",
        .undo = "none: process.restart starts it again",
        .proof = "the process' pidfd became readable, and how it ended"};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const auto signal = context.spec.parameters.get<std::int64_t>("signal");
                if (signal < 1 || signal > 64) {
                    return fail("signal " + std::to_string(signal) + " is not between 1 and 64",
                                ErrorCode::invalid);
                }
                return std::make_unique<Crash>(std::move(context.victims),
                                               static_cast<int>(signal));
            }};
}

}  // namespace faultline
