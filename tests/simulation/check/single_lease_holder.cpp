// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tests/simulation/check/checker.hpp"

namespace ftcore::simulation {
namespace {

/// While a node may answer reads alone, no other one serves, at the same instant of true time. A
/// paused node's lease counts: it may wake up within it.
class SingleLeaseHolder final : public Checker {
  public:
    std::string_view property() const override { return "single lease holder"; }

    Finding stepped(const Scene& scene, const Step& step) override {
        if (!step.after.serving) return std::nullopt;
        const bool own_lease = holds_lease(scene, step.node, step.after);
        for (const auto& node : scene.nodes) {
            if (node->id() == step.node || !node->up() || !node->glance().serving) continue;
            // A leader that was replaced and has no lease does no harm: its reads take a round.
            const bool lease = holds_lease(scene, node->id(), node->glance());
            const bool newer = step.after.term > node->glance().term;
            if (!(lease && (own_lease || newer)) && !(own_lease && !newer)) continue;
            return fmt::format("node {} serves in term {}{} and node {} in term {}{}",
                               step.node,
                               step.after.term,
                               own_lease ? " with a lease" : "",
                               node->id(),
                               node->glance().term,
                               lease ? " with a lease" : "");
        }
        return std::nullopt;
    }

  private:
    static bool holds_lease(const Scene& scene, NodeId node, const Glance& glance) {
        return glance.lease_until &&
               *glance.lease_until > scene.node(node).clock().at(scene.world.now());
    }
};

}  // namespace

std::unique_ptr<Checker> single_lease_holder() {
    return std::make_unique<SingleLeaseHolder>();
}

}  // namespace ftcore::simulation
