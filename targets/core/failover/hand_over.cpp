// SPDX-License-Identifier: Apache-2.0
// Giving the lead away in good order (Ongaro 2014, section 3.10): take nothing more, bring the
// successor up to date, tell it to campaign at once. The lease ends with the first step, so that no
// read is answered here alone while the successor may already serve. Who gives it up has a lease
// again: a successor that wins late waits for the promises of its voters, like any other.
#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {

const Peer* successor(const State& state, NodeId wanted) {
    const Peer* best = nullptr;
    for (const Peer& peer : state.peers) {
        if (wanted != nobody && peer.id != wanted) continue;
        const bool lately =
            peer.answered && state.now < *peer.answered + state.settings.election_timeout;
        if (peer.witness || !lately) continue;
        if (best == nullptr || peer.match > best->match) best = &peer;
    }
    return best;
}

void hand_over(State& state, Duration patience, NodeId wanted) {
    if (!state.leads() || state.leading.handing_over) return;
    state.leading.handing_over =
        Leading::HandingOver{.until = state.now + patience, .wanted = wanted};
}

void keep_lead(State& state) {
    state.leading.handing_over.reset();
}

void advance_hand_over(State& state) {
    auto& handing_over = state.leading.handing_over;
    if (!state.leads() || !handing_over || handing_over->to != nobody) return;
    if (state.commit < state.leading.first || state.commit < state.log.last_index()) return;
    const Peer* chosen = successor(state, handing_over->wanted);
    if (chosen == nullptr || chosen->match < state.log.last_index()) return;
    handing_over->to = chosen->id;
    // The heartbeat tells it that everything is agreed, so that it can apply all before it wins.
    if (chosen->commit_sent < state.commit) broadcast_heartbeats(state);
    state.send(chosen->id, HandOver{});
}

void repeat_hand_over(State& state) {
    const auto& handing_over = state.leading.handing_over;
    if (!handing_over || handing_over->to == nobody) return;
    state.send(handing_over->to, HandOver{});
}

void on_hand_over(State& state, const Message& message) {
    // Only the leader of a term says so; if it is not ours, it comes too late.
    if (message.term == state.hard.term && !state.leads()) campaign_at_once(state);
}

}  // namespace ftcore::steps
