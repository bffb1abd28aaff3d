// SPDX-License-Identifier: Apache-2.0
// The lead is given away: when the pipeline wants it, when somebody asks for it, when the process
// stops. Writes that come meanwhile are held, and none is forgotten:
//
//   leads, hands over ─► another one leads, or nobody in time ─► answered: not_primary, no_primary
//          │
//          └─► goes on leading ─► proposed here
#include <algorithm>

#include <fmt/format.h>

#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

using faultline::fail;
using faultline::now;

namespace {

std::string why_no_successor(NodeId wanted) {
    if (wanted == nobody) return "no other node that could lead has answered lately";
    return fmt::format(
        "node {} cannot take the lead: it is no member with data, or has not "
        "answered lately",
        wanted);
}

}  // namespace

Result<> Node::State::hand_over_when_asked(const HandOverOptions& options) {
    if (consensus->role() != Role::leader || isolated) return fail("this node does not lead");
    if (stop_done || consensus->handing_over()) return fail("a hand-over runs already");
    const Instant t = now();
    const auto peers = consensus->progress();
    const bool any = std::any_of(peers.begin(), peers.end(), [&](const auto& peer) {
        const bool lately = peer.answered && t < *peer.answered + settings.election_timeout;
        return lately && !address_of(peer.id)->witness &&
               (options.to == nobody || options.to == peer.id);
    });
    if (!any) return fail(why_no_successor(options.to));
    hand_over(t, "somebody asked for it", options);
    ask_for_turn();
    return {};
}

Result<> Node::State::keep_lead() {
    if (stop_done || !consensus->handing_over()) return fail("no hand-over runs");
    consensus->keep_lead(now());
    ask_for_turn();
    return {};
}

void Node::State::hand_over(Instant t, const std::string& reason, const HandOverOptions& options) {
    // What came before this turn came before the hand-over.
    if (!proposals.empty()) consensus->propose(t, std::exchange(proposals, {}));
    const Duration patience = options.patience.value_or(settings.hand_over_patience);
    consensus->hand_over(t, patience, options.to);
    // As long again for the successor's votes.
    held_until = t + 2 * patience;
    enter(LifeState::handing_over, reason);
}

void Node::State::hand_over_to_the_healthy(Instant t, NodeId peer, const Health& health) {
    if (!hand_over_reason) return;
    if (storage_ok || consensus->role() != Role::leader) {
        hand_over_reason.reset();
        return;
    }
    constexpr int beats_wanted = 2;  // the first may have been on its way already
    healthy_beats[peer] = health.storage_ok ? healthy_beats[peer] + 1 : 0;
    if (healthy_beats[peer] >= beats_wanted)
        hand_over(t, *std::exchange(hand_over_reason, std::nullopt));
}

void Node::State::settle_hand_over() {
    const bool goes_on = consensus->role() == Role::leader && !consensus->handing_over();
    if (goes_on && !stop_done && life.state() == LifeState::handing_over)
        enter(LifeState::primary, "nobody took the lead over");
}

void Node::State::release_held() {
    if (held_writes.empty()) return;
    const bool leads = consensus->role() == Role::leader;
    if (!isolated) {
        // Both end by themselves: `settle_stop`, and the consensus' patience.
        if (leads && (stop_done || consensus->handing_over())) return;
        // Clients are better told where to go.
        if (!leads && consensus->leader() == nobody && now() < held_until) return;
    }
    // Now they go the way of any other write.
    for (auto& [command, write_done] : std::exchange(held_writes, {}))
        write(std::move(command), std::move(write_done));
}

void Node::State::settle_stop() {
    if (!stop_done) return;
    const Instant t = now();
    const bool passed_on = consensus->role() != Role::leader && consensus->leader() != nobody;
    if (!passed_on && t < stop_deadline) return;
    for (auto& [command, write_done] : std::exchange(held_writes, {}))
        write_done(ErrorCode::not_primary, {});
    if (requests.size() != 0 && t < stop_deadline) return;
    enter(LifeState::stopping, passed_on ? "the lead is passed on" : "nobody took the lead over");
    std::exchange(stop_done, nullptr)();
}

}  // namespace ftcore
