// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/inject/process/catalog.hpp"
#include "harness/inject/process/freezer.hpp"

namespace faultline {
namespace {

class Hang final : public Fault {
  public:
    explicit Hang(std::vector<Victim*> victims) : victims_(std::move(victims)) {}

    [[nodiscard]] Result<> prepare() override {
        FL_TRY(freezers_, Freezer::open_all(victims_));
        return {};
    }

    [[nodiscard]] std::vector<Undo> undo() const override {
        std::vector<Undo> all;
        for (const Freezer& freezer : freezers_)
            all.push_back(freezer.undo());
        return all;
    }

    [[nodiscard]] Result<> apply() override {
        Result<> result;
        for (const Freezer& freezer : freezers_) {
            auto frozen = freezer.freeze();
            if (!frozen && result) result = std::move(frozen);  // the others are hit all the same
        }
        return result;
    }

    [[nodiscard]] Proof prove(Instant applied) override {
        Proof proof{.effect = Effect::confirmed};
        std::vector<std::string> sentences;
        for (const Freezer& freezer : freezers_) {
            const bool frozen = freezer.frozen();
            if (!frozen) proof.effect = Effect::unconfirmed;
            sentences.push_back(freezer.process().label() + (frozen ? yes(freezer) : no(freezer)));
        }
        const Instant looked = now();
        proof.evidence = fmt::format("{}, {:.2f} ms after the call",
                                     fmt::join(sentences, "; "),
                                     milliseconds_of(looked - applied));
        if (proof.effect == Effect::confirmed) proof.observed = proof.effective_bound = looked;
        return proof;
    }

    [[nodiscard]] Result<> clear() override {
        Result<> result;
        for (const Freezer& freezer : freezers_) {
            auto thawed = freezer.thaw();
            if (!thawed && result) result = std::move(thawed);
        }
        return result;
    }

    [[nodiscard]] std::string mechanism() const override { return describe_mechanism(freezers_); }

  private:
    static std::string yes(const Freezer& freezer) {
        return freezer.by_cgroup() ? " stands still (cgroup.events: frozen 1)"
                                   : " stands still (all threads in state T)";
    }
    static std::string no(const Freezer& freezer) {
        return freezer.by_cgroup() ? " is not frozen as a whole"
                                   : " has threads that are not stopped";
    }

    std::vector<Victim*> victims_;
    std::vector<Freezer> freezers_;
};

}  // namespace

FaultKind process_hang() {
    Kind kind{.name = "process.hang",
              .about = "Stops every thread of the process; its connections stay open and silent.",
              .needs =
                  "a cgroup v2 per instance for stopping within 30 us; without it SIGSTOP, where "
                  "threads may run on for up to 80 ms",
              .undo = "the process continues: thawed, or SIGCONT",
              .proof = "cgroup.events says frozen 1, or all threads are in state T",
              .clears = true};
    return {std::move(kind), [](FaultContext context) -> Result<std::unique_ptr<Fault>> {
                return std::make_unique<Hang>(std::move(context.victims));
            }};
}

}  // namespace faultline
