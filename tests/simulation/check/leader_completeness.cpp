// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"
#include "tests/simulation/check/ledger.hpp"

namespace ftcore::simulation {
namespace {

/// What was agreed is in the log of every later leader. Source: Ongaro 2014, figure 3.2.
class LeaderCompleteness final : public Checker {
  public:
    std::string_view property() const override { return "leader completeness"; }

    Finding stepped(const Scene& scene, const Step& step) override {
        if (step.after.role != Role::leader || scene.weakened) return std::nullopt;
        if (step.before.role == Role::leader && step.before.term == step.after.term)
            return std::nullopt;
        const Index agreed_to = scene.ledger.agreed_to();
        const Ledger::Link* agreed = scene.ledger.agreed(agreed_to);
        if (agreed == nullptr || scene.ledger.base(step.node) > agreed_to) return std::nullopt;
        // The leader of an older term, elected late, need not hold what a newer one agreed on.
        if (agreed->term > step.after.term) return std::nullopt;
        const auto own = scene.ledger.link(step.node, agreed_to);
        if (own && own->chain == agreed->chain) return std::nullopt;
        return fmt::format(
            "entry {} of term {} is agreed, and node {}, elected in term {}, {}",
            agreed_to,
            agreed->term,
            step.node,
            step.after.term,
            own ? fmt::format("has one of term {} or another log before it", own->term)
                : fmt::format("ends at {}", step.after.last));
    }
};

}  // namespace

std::unique_ptr<Checker> leader_completeness() {
    return std::make_unique<LeaderCompleteness>();
}

}  // namespace ftcore::simulation
