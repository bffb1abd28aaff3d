// SPDX-License-Identifier: Apache-2.0
// Candidates (Ongaro 2014, sections 3.4 and 9.6); who votes for them: voting.cpp.
//
//   suspicion, silence ─► pre-vote ─► candidacy ─► own vote synced ─► requests ─► leader
//                           ▲  refused: a short, growing pause              │
//                           └───────────────────────────────────────────────┘
#include <algorithm>
#include <utility>

#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

/// The pause after a refusal: from `retry_pause_min` on, up to a bound that doubles each time.
constexpr Duration retry_pause_min = std::chrono::milliseconds(4);
constexpr Duration retry_spread_first = std::chrono::milliseconds(4);
constexpr int retry_doublings_max = 16;

Duration retry_pause(State& state) {
    const int doublings = std::min(state.election.attempts, retry_doublings_max);
    const Duration grown = retry_spread_first * (1LL << doublings);
    const Duration spread = std::min(grown, state.settings.election_timeout);
    return retry_pause_min + state.random_between({}, spread);
}

/// Nobody answers: there is no hurry.
Duration silence_pause(State& state) {
    const Duration timeout = state.settings.election_timeout;
    return state.random_between(timeout / 2, timeout);
}

VoteRequest own_request(const State& state, bool pre) {
    const SnapshotMark last = state.log.last();
    return {.pre = pre,
            .leader_gone = state.election.leader_gone,
            .last_index = last.index,
            .last_term = last.term,
            .attempt = pre ? state.election.asked : 0};
}

void begin_candidacy(State& state) {
    Election& election = state.election;
    state.role = Role::candidate;
    state.leader = nobody;
    state.hard = {.term = state.hard.term + 1, .vote = state.settings.self};
    state.disk.held.clear();
    state.disk.acknowledgements.clear();
    state.following.verified = 0;
    state.following.claim.reset();
    persist_hard_state(state);
    for (Peer& peer : state.peers)
        peer.vote = false;
    election.phase = Election::Phase::vote;
    election.own_vote = false;
    election.retry_armed = false;
    election.serve_from = state.following.promise_until;
    election.campaign_at = state.now + silence_pause(state);
}

void begin_pre_vote(State& state) {
    Election& election = state.election;
    if (state.peers.empty()) return begin_candidacy(state);
    election.phase = Election::Phase::pre_vote;
    ++election.asked;
    election.retry_armed = false;
    election.campaign_at = state.now + silence_pause(state);
    for (Peer& peer : state.peers) {
        peer.pre_vote = false;
        state.send(peer.id, state.hard.term + 1, own_request(state, true));
    }
}

std::size_t count_votes(const State& state, bool Peer::*kind) {
    const auto votes = std::count_if(
        state.peers.begin(), state.peers.end(), [kind](const Peer& peer) { return peer.*kind; });
    return static_cast<std::size_t>(votes) + 1;
}

void count_real_votes(State& state) {
    const bool candidate = state.role == Role::candidate && state.election.own_vote;
    if (candidate && count_votes(state, &Peer::vote) >= quorum(state)) become_leader(state);
}

void on_pre_vote_reply(State& state, Peer& peer, const VoteReply& reply) {
    if (state.election.phase != Election::Phase::pre_vote) return;
    if (reply.attempt != 0 && reply.attempt != state.election.asked) return;
    if (!reply.granted) return retry_soon(state);
    peer.pre_vote = true;
    if (count_votes(state, &Peer::pre_vote) >= quorum(state) && may_campaign(state)) {
        begin_candidacy(state);
    }
}

}  // namespace

bool hears_leader(const State& state) {
    if (state.leads()) return true;
    return state.leader != nobody && !state.election.suspected &&
           state.now < state.following.heard + state.settings.election_timeout;
}

void retry_soon(State& state) {
    Election& election = state.election;
    if (std::exchange(election.retry_armed, true)) return;
    election.campaign_at = std::min(election.campaign_at, state.now + retry_pause(state));
    ++election.attempts;
}

void stand_back(State& state) {
    Election& election = state.election;
    if (election.phase == Election::Phase::vote) return;
    const Instant later = state.now + retry_pause(state);
    election.campaign_at =
        election.phase == Election::Phase::pre_vote ? later : std::max(election.campaign_at, later);
    election.phase = Election::Phase::idle;
}

void await_leader(State& state) {
    const Duration timeout = state.settings.election_timeout;
    state.election.phase = Election::Phase::idle;
    state.election.attempts = 0;
    state.election.retry_armed = false;
    state.election.campaign_at = state.now + state.random_between(timeout, 2 * timeout);
}

void suspect(State& state, NodeId leader, Suspicion suspicion) {
    if (state.leads() || state.leader == nobody || state.leader != leader) return;
    Election& election = state.election;
    const bool confirmed = suspicion == Suspicion::confirmed;
    if (election.suspected && (election.leader_gone || !confirmed)) return;
    election.suspected = true;
    election.leader_gone = confirmed;
    if (may_campaign(state)) {
        election.phase = Election::Phase::idle;
        election.attempts = 0;
        election.campaign_at = state.now + state.random_between({}, state.settings.tie_break);
    }
    settle_claim(state);
}

void campaign_due(State& state) {
    if (!hears_leader(state) && !state.election.suspected) state.leader = nobody;
    if (!may_campaign(state)) return await_leader(state);
    if (state.election.phase == Election::Phase::vote && !state.election.own_vote) {
        // The disk is slow; beginning again would only give it more to do.
        state.election.campaign_at = state.now + silence_pause(state);
        return;
    }
    begin_pre_vote(state);
}

void campaign_at_once(State& state) {
    if (!may_campaign(state)) return;
    state.election.leader_gone = true;
    begin_candidacy(state);
}

void request_votes(State& state) {
    state.election.own_vote = true;
    state.election.campaign_at = state.now + silence_pause(state);
    for (const Peer& peer : state.peers)
        state.send(peer.id, own_request(state, false));
    count_real_votes(state);
}

void repeat_vote_request(State& state, const Peer& peer) {
    const Election& election = state.election;
    if (election.phase == Election::Phase::pre_vote && !peer.pre_vote) {
        state.send(peer.id, state.hard.term + 1, own_request(state, true));
    }
    if (election.phase == Election::Phase::vote && election.own_vote && !peer.vote) {
        state.send(peer.id, own_request(state, false));
    }
}

void adopt_term(State& state, Term term) {
    if (state.leads()) step_down(state);
    state.hard = {.term = term, .vote = nobody};
    // What was to be said in the old term is worth nothing in the new one.
    state.disk.held.clear();
    state.disk.acknowledgements.clear();
    persist_hard_state(state);
    state.role = Role::follower;
    state.leader = nobody;
    state.following.verified = 0;
    state.following.claim.reset();
    state.election.phase = Election::Phase::idle;
    state.election.retry_armed = false;
    state.election.suspected = false;
    state.election.leader_gone = false;
}

void on_vote_reply(State& state, const Message& message, const VoteReply& reply) {
    Peer* peer = state.find(message.from);
    if (peer == nullptr) return;
    if (message.term > state.hard.term) {
        const bool campaigning = state.election.phase != Election::Phase::idle;
        adopt_term(state, message.term);
        if (campaigning) retry_soon(state);
        return;
    }
    if (reply.pre) return on_pre_vote_reply(state, *peer, reply);
    if (state.role != Role::candidate) return;
    if (!reply.granted) {
        if (state.election.phase == Election::Phase::vote) retry_soon(state);
        return;
    }
    if (message.term != state.hard.term) return;
    peer->vote = true;
    state.election.serve_from = std::max(state.election.serve_from, state.now + reply.promise_left);
    count_real_votes(state);
}

void hear_leader(State& state, NodeId leader) {
    if (state.leader != nobody && state.leader != leader) {
        state.violated("two members claim to lead the same term");
    }
    state.role = Role::follower;
    state.leader = leader;
    Following& following = state.following;
    following.heard = state.now;
    following.promise_until = std::max(following.promise_until, state.now + promise(state));
    state.election.suspected = false;
    state.election.leader_gone = false;
    refute_claim(state);
    await_leader(state);
}

}  // namespace ftcore::steps
