// SPDX-License-Identifier: Apache-2.0
// Reads without a log entry (Ongaro 2014, sections 6.4 and 6.4.1).
//
//   leader    round r sent ├──────── lease ────────┤            reads are answered at once
//   follower        received ├──── lease * (1 + drift) ────┤    promise: nobody else serves
//   winner                              votes come ├───────┤    waits for the longest promise
//
// Votes themselves are never delayed: a new leader is found and catches up while the old promise
// runs.
#include <algorithm>
#include <limits>

#include "targets/core/failover/mutation.hpp"
#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

/// Answers to rounds older than this prolong no lease any more.
constexpr std::size_t rounds_remembered = 8192;

Instant sent_at(const Leading& leading, std::uint64_t round) {
    const std::uint64_t age = leading.round - round;
    if (round > leading.round || age >= leading.sent.size()) return Instant::min();
    return leading.sent[leading.sent.size() - 1 - age];
}

std::uint64_t quorum_round(const State& state) {
    return reached_by_quorum(state,
                             std::numeric_limits<std::uint64_t>::max(),
                             [](const Peer& peer) { return peer.answered_round; });
}

bool lease_holds(const State& state) {
    const auto until = lease_until(state);
    return until && state.now < *until;
}

}  // namespace

std::uint64_t begin_round(State& state) {
    Leading& leading = state.leading;
    leading.sent.push_back(state.now);
    if (leading.sent.size() > rounds_remembered) leading.sent.pop_front();
    return ++leading.round;
}

void note_answer(State& state, Peer& peer, std::uint64_t round) {
    peer.answered = state.now;
    if (round <= peer.answered_round || round > state.leading.round) return;
    peer.answered_round = round;
    peer.answered_sent = std::max(peer.answered_sent, sent_at(state.leading, round));
}

Duration promise(const State& state) {
    const double kept = 1 + state.settings.clock_drift;
    return faultline::duration_of_seconds(faultline::seconds_of(state.settings.lease) * kept) +
           Duration(1);
}

bool serves(const State& state) {
    return state.leads() && !state.disk.failed && state.commit >= state.leading.first &&
           state.now >= state.leading.serve_from;
}

Index visible(const State& state) {
    if (!state.leads()) return state.commit;
    // What was proposed to us is acknowledged when it is applied, so it waits for the old promises.
    if (!serves(state)) return std::min(state.commit, state.leading.first - 1);
    if (mutated(Mutation::acknowledge_before_quorum)) return state.log.last_index();
    if (state.settings.level == Level::low) return std::max(state.commit, state.disk.durable);
    return state.commit;
}

std::optional<Instant> lease_until(const State& state) {
    if (!state.leads() || state.leading.handing_over || state.settings.lease <= Duration{}) {
        return std::nullopt;
    }
    const Instant sent =
        reached_by_quorum(state, state.now, [](const Peer& peer) { return peer.answered_sent; });
    if (sent == Instant::min()) return std::nullopt;
    return sent + state.settings.lease;
}

Instant quorum_deadline(const State& state) {
    const Instant since = state.leading.since;
    const Instant heard = reached_by_quorum(
        state, state.now, [since](const Peer& peer) { return peer.answered.value_or(since); });
    return heard + state.settings.election_timeout;
}

void read(State& state, std::uint64_t token) {
    Leading& leading = state.leading;
    if (!state.leads()) return state.answer(Answer::Kind::not_leader, token);
    const bool bold = mutated(Mutation::read_without_lease);
    if (serves(state) && (bold || lease_holds(state))) {
        return state.answer(Answer::Kind::readable, token, visible(state));
    }
    if (leading.reads.empty() && !leading.broadcast_here) broadcast_heartbeats(state);
    // Heartbeats that are still with us leave after this read came, so their answers will do.
    const std::uint64_t after = leading.broadcast_here ? leading.broadcast - 1 : leading.round;
    leading.reads.push_back({.token = token, .after = after});
}

void answer_reads(State& state) {
    Leading& leading = state.leading;
    if (leading.reads.empty() || !serves(state)) return;
    const std::uint64_t answered = quorum_round(state);
    const bool lease = lease_holds(state);
    while (!leading.reads.empty() && (lease || leading.reads.front().after < answered)) {
        state.answer(Answer::Kind::readable, leading.reads.front().token, visible(state));
        leading.reads.pop_front();
    }
    // Those that came while a round was out share the next one.
    const bool uncovered =
        !leading.reads.empty() && leading.reads.front().after >= leading.broadcast;
    if (uncovered && answered >= leading.broadcast) broadcast_heartbeats(state);
}

}  // namespace ftcore::steps
