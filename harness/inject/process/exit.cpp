// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/inject/process/catalog.hpp"
#include "harness/inject/process/held_process.hpp"

namespace faultline {
namespace {

/// How long a process may take to be gone after SIGKILL: its memory is torn down first.
constexpr Duration teardown_max = std::chrono::seconds(5);

class Exit final : public Fault {
  public:
    Exit(std::vector<Victim*> victims, int signal, Duration grace)
        : victims_(std::move(victims)), signal_(signal), grace_(grace) {}

    [[nodiscard]] Result<> prepare() override {
        FL_TRY(held_, HeldProcess::hold_all(victims_));
        return {};
    }

    [[nodiscard]] Result<> apply() override {
        Result<> result;
        for (const HeldProcess& process : held_) {
            auto sent = process.signal(signal_);
            if (!sent && result) result = std::move(sent);
        }
        return result;
    }

    /// Also what ends the grace: it is asked again and again until everyone is gone.
    [[nodiscard]] Proof prove(Instant applied) override {
        const bool grace_over = now() >= applied + grace_;
        if (grace_over && !killed_) kill_survivors();
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
            sentences.push_back(fmt::format("{} ended by {} {:.2f} ms after {}",
                                            process.label(),
                                            ended->how,
                                            milliseconds_of(ended->seen - applied),
                                            signal_name(signal_)));
            if (!proof.observed || *proof.observed < ended->seen) proof.observed = ended->seen;
        }
        proof.evidence = fmt::format("{}", fmt::join(sentences, "; ")) + kill_note_;
        if (proof.effect == Effect::confirmed) proof.effective_bound = proof.observed;
        return proof;
    }

    [[nodiscard]] Duration prove_within() const override { return grace_ + teardown_max; }

    [[nodiscard]] std::string mechanism() const override {
        return "pidfd_send_signal " + signal_name(signal_) +
               (kill_note_.empty() ? "" : ", then KILL");
    }

  private:
    void kill_survivors() {
        killed_ = true;
        std::vector<std::string> names;
        for (const HeldProcess& process : held_) {
            // One that ends right now is fine.
            if (!process.gone() && process.signal(SIGKILL))
                names.push_back(process.victim().name());
        }
        if (names.empty()) return;
        kill_note_ = fmt::format("; {} did not end within the grace of {} and got KILL",
                                 fmt::join(names, ", "),
                                 spell_duration(grace_));
    }

    std::vector<Victim*> victims_;
    int signal_;
    Duration grace_;
    std::vector<HeldProcess> held_;
    bool killed_ = false;
    std::string kill_note_;
};

}  // namespace

FaultKind process_exit() {
    Kind kind{
        .name = "process.exit",
        .about = "Asks the process to end, as an operator would, and kills it when it does not.",
        .parameters = {{.name = "grace",
                        .type = ParameterType::duration,
                        .help = "How long it may take before SIGKILL.",
                        .default_value = "5s",
                        .minimum = 0},
                       {.name = "signal",
                        .type = ParameterType::signal,
                        .help = "The signal that asks it to end.",
                        .default_value = "TERM",
                        .minimum = 1,
                        .maximum = 64}},
        .needs = "nothing: a process may signal its children",
        .undo = "none: process.restart starts it again",
        .proof =
            "the process' pidfd became readable; the evidence says whether SIGKILL was needed"};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const auto signal = context.spec.parameters.get<std::int64_t>("signal");
                const auto grace = context.spec.parameters.get<Duration>("grace");
                if (signal < 1 || signal > 64) {
                    return fail("signal " + std::to_string(signal) + " is not between 1 and 64",
                                ErrorCode::invalid);
                }
                if (grace < Duration::zero()) return fail("grace is negative", ErrorCode::invalid);
                return std::make_unique<Exit>(
                    std::move(context.victims), static_cast<int>(signal), grace);
            }};
}

}  // namespace faultline
