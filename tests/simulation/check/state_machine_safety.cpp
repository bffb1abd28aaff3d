// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"
#include "tests/simulation/check/ledger.hpp"

namespace ftcore::simulation {
namespace {

/// All nodes agree on the same entry at an index, carry out the same commands in the same order,
/// and at levels high and medium none that is not agreed. Source: Ongaro 2014, figure 3.2.
class StateMachineSafety final : public Checker {
  public:
    std::string_view property() const override { return "state machine safety"; }

    Finding stepped(const Scene& scene, const Step& step) override {
        if (scene.weakened) return std::nullopt;
        const bool ahead = scene.world.plan().consensus.level == Level::low;
        if (!ahead && step.effects.apply_to && *step.effects.apply_to > step.after.commit) {
            return fmt::format("node {} is to apply up to {}, agreed is {}",
                               step.node,
                               *step.effects.apply_to,
                               step.after.commit);
        }
        if (step.after.commit < step.before.commit) {
            return fmt::format("what node {} knows to be agreed falls from {} to {}",
                               step.node,
                               step.before.commit,
                               step.after.commit);
        }
        if (step.after.commit == step.before.commit) return std::nullopt;
        const auto own = scene.ledger.link(step.node, step.after.commit);
        const Ledger::Link* agreed = scene.ledger.agreed(step.after.commit);
        if (own && agreed != nullptr && own->chain == agreed->chain) return std::nullopt;
        if (agreed == nullptr) return std::nullopt;
        return fmt::format(
            "node {} agreed on term {} at {}, another one on term {}, or on other ones before",
            step.node,
            own ? own->term : 0,
            step.after.commit,
            agreed->term);
    }

    Finding applied(const Scene& scene,
                    NodeId node,
                    const Entry& entry,
                    std::uint64_t digest) override {
        if (scene.weakened) return std::nullopt;
        if (digests_.size() <= entry.index) digests_.resize(entry.index + 1);
        std::optional<std::uint64_t>& known = digests_[entry.index];
        if (!known) known = digest;
        if (*known == digest) return std::nullopt;
        return fmt::format("after entry {} the state of node {} differs from that of another one",
                           entry.index,
                           node);
    }

  private:
    std::vector<std::optional<std::uint64_t>> digests_;
};

}  // namespace

std::unique_ptr<Checker> state_machine_safety() {
    return std::make_unique<StateMachineSafety>();
}

}  // namespace ftcore::simulation
