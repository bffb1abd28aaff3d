// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"
#include "tests/simulation/check/ledger.hpp"

namespace ftcore::simulation {
namespace {

/// Two logs with an entry of the same index and term are the same up to it. The ledger compares
/// each entry when it is appended; here the log in memory is compared with the ledger at its end
/// and at one more place in turn. Source: Ongaro 2014, figure 3.2.
class LogMatching final : public Checker {
  public:
    std::string_view property() const override { return "log matching"; }

    Finding stepped(const Scene& scene, const Step& step) override {
        const Index first = step.after.snapshot.index + 1;
        const Index last = step.after.last;
        if (last < first) return std::nullopt;
        turn_ = turn_ * 6364136223846793005 + 1442695040888963407;
        for (const Index index : {last, first + (turn_ >> 33) % (last - first + 1)}) {
            const auto link = scene.ledger.link(step.node, index);
            const Entry& entry = step.consensus.entry(index);
            if (link && link->term == entry.term && entry.index == index) continue;
            return fmt::format("node {} holds entry {} of term {} in memory and stored term {}",
                               step.node,
                               entry.index,
                               entry.term,
                               link ? link->term : 0);
        }
        return std::nullopt;
    }

  private:
    std::uint64_t turn_ = 1;
};

}  // namespace

std::unique_ptr<Checker> log_matching() {
    return std::make_unique<LogMatching>();
}

}  // namespace ftcore::simulation
