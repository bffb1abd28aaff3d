// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"
#include "tests/simulation/check/ledger.hpp"

namespace ftcore::simulation {
namespace {

/// What a leader takes for agreed lies where the level says, looked up on the disks themselves: on
/// a quorum's platters (high), in a quorum's kernels (medium), in the leader's log (low).
class Durability final : public Checker {
  public:
    std::string_view property() const override { return "durability"; }

    Finding stepped(const Scene& scene, const Step& step) override {
        if (step.after.role != Role::leader || scene.weakened) return std::nullopt;
        const Level level = scene.world.plan().consensus.level;
        const Index index =
            level == Level::low ? step.effects.apply_to.value_or(0) : step.after.commit;
        const bool news = level == Level::low ? index > 0 : index > step.before.commit;
        if (!news) return std::nullopt;
        const auto link = scene.ledger.link(step.node, index);
        if (!link) return fmt::format("node {} agrees on entry {} and has none", step.node, index);
        if (level == Level::low) return std::nullopt;
        std::size_t holders = 0;
        for (const auto& node : scene.nodes)
            holders += holds(*node, level, index, link->term);
        const std::size_t quorum = scene.nodes.size() / 2 + 1;
        if (holders >= quorum) return std::nullopt;
        return fmt::format("node {} agrees on entry {} of term {} while {} of {} disks hold it",
                           step.node,
                           index,
                           link->term,
                           holders,
                           scene.nodes.size());
    }

  private:
    static bool holds(const Node& node, Level level, Index index, Term term) {
        // A damaged node held it once, and does not vote before it does so again.
        if (node.damaged()) return true;
        const LogTerms& terms = level == Level::high ? node.disk().synced() : node.disk().written();
        return terms.holds(index, term);
    }
};

}  // namespace

std::unique_ptr<Checker> durability() {
    return std::make_unique<Durability>();
}

}  // namespace ftcore::simulation
