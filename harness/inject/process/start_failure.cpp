// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/inject/process/catalog.hpp"

namespace faultline {
namespace {

/// How long somebody may take to try a start, which alone can show the fault.
constexpr Duration attempt_wait_max = std::chrono::seconds(30);

class StartFailure final : public Fault {
  public:
    StartFailure(std::vector<Victim*> victims, int count)
        : victims_(std::move(victims)), count_(count) {}

    [[nodiscard]] Result<> prepare() override {
        failed_before_.clear();
        for (const Victim* victim : victims_)
            failed_before_.push_back(victim->failed_starts());
        return {};
    }

    [[nodiscard]] Result<> apply() override {
        for (Victim* victim : victims_)
            victim->fail_next_starts(count_);
        return {};
    }

    [[nodiscard]] Proof prove(Instant applied) override {
        Proof proof{.effect = Effect::confirmed};
        std::vector<std::string> sentences;
        for (std::size_t index = 0; index < victims_.size(); ++index) {
            const int failed = victims_[index]->failed_starts() - failed_before_[index];
            if (failed < 1) proof.effect = Effect::unconfirmed;
            sentences.push_back(failed < 1 ? victims_[index]->name() + ": no start was tried yet"
                                           : fmt::format("{}: {} of the next {} starts failed",
                                                         victims_[index]->name(),
                                                         failed,
                                                         count_));
        }
        const Instant looked = now();
        proof.evidence = fmt::format("{}, {:.2f} ms after the call",
                                     fmt::join(sentences, "; "),
                                     milliseconds_of(looked - applied));
        if (proof.effect == Effect::confirmed) proof.observed = looked;
        return proof;
    }

    [[nodiscard]] Duration prove_within() const override { return attempt_wait_max; }

    [[nodiscard]] Result<> clear() override {
        for (Victim* victim : victims_)
            victim->fail_next_starts(0);
        return {};
    }

    [[nodiscard]] std::string mechanism() const override { return "the launcher refuses"; }

  private:
    std::vector<Victim*> victims_;
    int count_;
    std::vector<int> failed_before_;
};

}  // namespace

FaultKind process_start_failure() {
    Kind kind{
        .name = "process.start_failure",
        .about = "The next starts of the process fail, as if its program could not be executed.",
        .parameters = {{.name = "count",
                        .type = ParameterType::integer,
                        .help = "How many starts fail.",
                        .default_value = "1",
                        .minimum = 1,
                        .maximum = 1000}},
        .needs = "nothing; only starts by the harness (process.restart) are reached",
        .undo = "the starts that have not failed yet will not",
        .proof = "a start was tried and failed",
        .clears = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                const auto count = context.spec.parameters.get<std::int64_t>("count");
                if (count < 1 || count > 1000) {
                    return fail("count is " + std::to_string(count) + ", not between 1 and 1000",
                                ErrorCode::invalid);
                }
                return std::make_unique<StartFailure>(std::move(context.victims),
                                                      static_cast<int>(count));
            }};
}

}  // namespace faultline
