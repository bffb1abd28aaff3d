// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/check/ending.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/simulation/check/linearizability.hpp"

namespace ftcore::simulation {
namespace {

std::string describe_all(const Scene& scene) {
    std::string text;
    for (const auto& node : scene.nodes)
        text += "\n    " + node->describe();
    return text;
}

Ending check_liveness(const Scene& scene, const Clients& clients) {
    const auto serves = [](const auto& node) { return node->up() && node->glance().serving; };
    const auto leader = std::ranges::find_if(scene.nodes, serves);
    // With a witness there are two copies of the data. When one is damaged and the other one is
    // behind, nobody can know what was lost, and the group waits for a person: it is safe, not
    // alive.
    const bool two_copies = std::ranges::any_of(
        scene.world.plan().consensus.members, [](const Member& member) { return member.witness; });
    const auto damaged = [](const auto& node) { return node->damaged(); };
    if (two_copies && leader == scene.nodes.end() && std::ranges::any_of(scene.nodes, damaged))
        return {};
    const auto stuck = [&](std::string_view what) {
        return Ending{"liveness",
                      fmt::format("after the quiet period {}:{}", what, describe_all(scene))};
    };
    if (leader == scene.nodes.end()) return stuck("nobody serves");
    if (std::ranges::count_if(scene.nodes, serves) > 1) return stuck("more than one node serves");
    const Glance& glance = (*leader)->glance();
    for (const auto& node : scene.nodes) {
        if (!node->up()) return stuck("a node is down");
        if (!scene.world.linked(node->id(), (*leader)->id())) continue;  // a cut until the end
        const bool caught_up = node->glance().commit == glance.commit &&
                               node->glance().last == glance.last &&
                               node->applied() >= glance.commit;
        if (!caught_up) return stuck("not everybody has caught up");
    }
    if (!clients.last_round_done()) return stuck("the last reads and a write did not succeed");
    return {};
}

Ending check_refused(const Clients& clients, const std::vector<bool>& carried_out) {
    for (std::size_t attempt = 1; attempt < carried_out.size(); ++attempt) {
        if (carried_out[attempt] && clients.refused(attempt)) {
            return {"what is refused is not done",
                    fmt::format("try {} was refused and carried out all the same", attempt)};
        }
    }
    return {};
}

Ending check_history(const Scene& scene, const Clients& clients) {
    // A low level's primary acknowledges what its successor may not have.
    if (scene.weakened || scene.world.plan().consensus.level == Level::low) return {};
    const LinearizabilityVerdict verdict = check_linearizability(clients.history());
    switch (verdict.verdict) {
        case Linearizable::yes:
            return {};
        case Linearizable::no:
            return {"linearisability", verdict.why};
        case Linearizable::undecided:
            return {.undecided = true};
    }
    return {};
}

}  // namespace

Ending check_ending(const Scene& scene,
                    const Clients& clients,
                    const std::vector<bool>& carried_out) {
    Ending ending = check_liveness(scene, clients);
    if (ending.property.empty()) ending = check_refused(clients, carried_out);
    if (ending.property.empty()) ending = check_history(scene, clients);
    return ending;
}

}  // namespace ftcore::simulation
