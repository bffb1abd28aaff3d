// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/inject/process/catalog.hpp"
#include "harness/inject/process/held_process.hpp"

namespace faultline {
namespace {

/// How long a killed process may take to be gone, and its victim to know it. A process of 4 GiB
/// takes 150 ms on an idle machine, several times that on a busy one.
constexpr Duration end_wait_max = std::chrono::seconds(10);
/// The victim learns of the end on another thread; how often we ask it.
constexpr Duration end_look_period = std::chrono::microseconds(200);
/// How long the new process may take to serve.
constexpr Duration serving_wait_max = std::chrono::seconds(30);

struct RestartOptions {
    bool kill = true;
    std::int64_t attempts = 1;
    Duration retry{};
};

class Restart final : public Fault {
  public:
    Restart(std::vector<Victim*> victims, RestartOptions options)
        : victims_(std::move(victims)), options_(options) {}

    [[nodiscard]] Result<> prepare() override {
        starts_before_.clear();
        for (const Victim* victim : victims_)
            starts_before_.push_back(victim->starts());
        return {};
    }

    /// Kills all first, so that victims that depend on each other are down together.
    [[nodiscard]] Result<> apply() override {
        std::vector<HeldProcess> ending;
        for (Victim* victim : victims_) {
            if (victim->ended() || victim->pid() <= 0) continue;
            auto held = HeldProcess::hold(*victim);
            if (!held && held.error().code == ErrorCode::not_found) continue;  // it ends right now
            if (!held) return tl::unexpected(held.error());
            if (!options_.kill) {
                return fail(held->label() + " still runs and \"kill\" is false; crash it first");
            }
            if (auto sent = held->signal(SIGKILL);
                !sent && sent.error().code != ErrorCode::not_found) {
                return sent;
            }
            ending.push_back(std::move(*held));
        }
        const Instant deadline = now() + end_wait_max;
        for (const HeldProcess& process : ending) {
            if (!process.wait_until_gone(deadline)) {
                return fail(process.label() + " was not gone " + spell_duration(end_wait_max) +
                            " after KILL");
            }
        }
        Result<> result;
        for (Victim* victim : victims_) {
            auto started = start_again(*victim, deadline);
            if (!started && result) result = std::move(started);
        }
        return result;
    }

    [[nodiscard]] Proof prove(Instant applied) override {
        Proof proof{.effect = Effect::confirmed};
        std::vector<std::string> sentences;
        for (std::size_t index = 0; index < victims_.size(); ++index) {
            const Victim& victim = *victims_[index];
            const bool started = victim.starts() > starts_before_[index];
            const auto ready = started ? victim.ready_since() : std::nullopt;
            if (ready) {
                sentences.push_back(fmt::format("{} serves as pid {} {:.2f} ms after the call",
                                                victim.name(),
                                                victim.pid(),
                                                milliseconds_of(*ready - applied)));
                if (!proof.observed || *proof.observed < *ready) proof.observed = *ready;
                continue;
            }
            proof.effect = Effect::unconfirmed;
            sentences.push_back(victim.name() + (started ? " was started but does not serve yet"
                                                         : " was not started"));
        }
        proof.evidence = fmt::format("{}", fmt::join(sentences, "; "));
        if (proof.effect == Effect::unconfirmed) proof.observed.reset();
        return proof;
    }

    [[nodiscard]] Duration prove_within() const override { return serving_wait_max; }
    [[nodiscard]] std::string mechanism() const override { return "the launcher"; }

  private:
    [[nodiscard]] Result<> start_again(Victim& victim, Instant deadline) const {
        // Listening ports and locks are held until the process is gone, so starting has to wait.
        while (!victim.ended() && victim.pid() > 0) {
            if (now() >= deadline)
                return fail("the end of " + victim.name() + " was not noticed in time");
            std::this_thread::sleep_for(end_look_period);
        }
        thaw(victim);
        Result<> started;
        for (std::int64_t attempt = 1; attempt <= options_.attempts; ++attempt) {
            if (attempt > 1) std::this_thread::sleep_for(options_.retry);
            started = victim.start();
            if (started) return {};
        }
        return in_context(fmt::format("starting {}, {} attempts", victim.name(), options_.attempts),
                          started.error());
    }

    /// A process born into a frozen cgroup would never come to exec, and its launcher waits for
    /// that.
    static void thaw(const Victim& victim) {
        const auto cgroup = victim.cgroup();
        if (!cgroup) return;
        // Where the cgroup cannot be written it cannot have been frozen by us either.
        static_cast<void>(write_control(*cgroup / "cgroup.freeze", "0"));
    }

    std::vector<Victim*> victims_;
    RestartOptions options_;
    std::vector<int> starts_before_;
};

}  // namespace

FaultKind process_restart() {
    Kind kind{
        .name = "process.restart",
        .about = "Starts the process again; one that still runs is killed first.",
        .parameters = {{.name = "attempts",
                        .type = ParameterType::integer,
                        .help = "How often to try when starting fails.",
                        .default_value = "1",
                        .minimum = 1,
                        .maximum = 1000},
                       {.name = "kill",
                        .type = ParameterType::boolean,
                        .help =
                            "Whether to kill a process that still runs; false: that is an error.",
                        .default_value = "true"},
                       {.name = "retry",
                        .type = ParameterType::duration,
                        .help = "The pause between attempts.",
                        .default_value = "10ms",
                        .minimum = 0,
                        .maximum = 10e9}},
        .needs = "nothing",
        .undo = "none",
        .proof = "a new process runs, and its ready probe has answered"};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const Parameters& given = context.spec.parameters;
                const RestartOptions options{.kill = given.get<bool>("kill"),
                                             .attempts = given.get<std::int64_t>("attempts"),
                                             .retry = given.get<Duration>("retry")};
                if (options.attempts < 1) {
                    return fail("attempts is " + std::to_string(options.attempts) +
                                    ", at least 1 is needed",
                                ErrorCode::invalid);
                }
                if (options.retry < Duration::zero())
                    return fail("retry is negative", ErrorCode::invalid);
                return std::make_unique<Restart>(std::move(context.victims), options);
            }};
}

}  // namespace faultline
