// SPDX-License-Identifier: Apache-2.0
// Voters (Ongaro 2014, sections 3.4, 3.6.1, 4.2.3 and 9.6): who gets a vote, and who only the
// promise of one.
#include <utility>

#include "targets/core/failover/mutation.hpp"
#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

/// Silence of so many heartbeats makes it believable that the leader is gone.
constexpr int heartbeats_believed = 2;

/// Section 3.6.1: the voter denies its vote if its own log is more up-to-date.
bool up_to_date(const State& state, const VoteRequest& request) {
    const SnapshotMark last = state.log.last();
    if (request.last_term != last.term) return request.last_term > last.term;
    return request.last_index >= last.index;
}

/// Two who ask each other at the same moment would both go on and split the votes; of two equal
/// logs the lower id goes first, in the first attempt only, lest one that cannot win blocks the
/// other. And who waits for votes already is not overtaken by its equal before it has been refused.
bool goes_before(const State& state, const Message& message, const VoteRequest& request) {
    const Election& election = state.election;
    if (SnapshotMark{request.last_index, request.last_term} != state.log.last()) return false;
    if (election.phase == Election::Phase::vote) return !election.retry_armed;
    return election.phase == Election::Phase::pre_vote && election.attempts == 0 &&
           state.settings.self < message.from;
}

void refuse(State& state, const Message& message, const VoteRequest& request) {
    state.send(message.from, VoteReply{.pre = request.pre, .attempt = request.attempt});
}

/// Section 4.2.3: who hears a leader lets nobody disturb it, or a member that has lost its own link
/// to the leader would unseat it again and again. But a real candidacy is past stopping, and
/// who has only seen the leader's death a moment sooner than we must not be turned away.
bool protects_leader(State& state, const Message& message, const VoteRequest& request) {
    if (!hears_leader(state)) return false;
    if (!request.leader_gone || (request.pre && state.leads())) {
        refuse(state, message, request);
        return true;
    }
    auto& claim = state.following.claim;
    const Instant believed = state.following.heard + heartbeats_believed * state.settings.heartbeat;
    if (!request.pre || state.now >= believed) return false;
    if (claim && claim->from != message.from) refute_claim(state);
    claim = Following::Claim{.from = message.from, .term = message.term, .request = request};
    return true;
}

void on_pre_vote_request(State& state, const Message& message, const VoteRequest& request) {
    const bool granted = message.term > state.hard.term && up_to_date(state, request) &&
                         !goes_before(state, message, request);
    if (!granted) return refuse(state, message, request);
    state.send(message.from, VoteReply{.pre = true, .granted = true, .attempt = request.attempt});
    stand_back(state);
}

}  // namespace

void on_vote_request(State& state, const Message& message, const VoteRequest& request) {
    if (!may_vote(state)) return refuse(state, message, request);
    if (protects_leader(state, message, request)) return;
    if (request.pre) return on_pre_vote_request(state, message, request);
    if (message.term < state.hard.term) return refuse(state, message, request);

    if (message.term > state.hard.term) adopt_term(state, message.term);
    const bool free = state.hard.vote == nobody || state.hard.vote == message.from ||
                      mutated(Mutation::vote_twice_in_a_term);
    if (!free || state.leads()) return refuse(state, message, request);
    if (!up_to_date(state, request)) {
        // It has unseated the leader but cannot win; we may.
        if (may_campaign(state) && state.leader == nobody) retry_soon(state);
        return refuse(state, message, request);
    }
    if (state.hard.vote != message.from) {
        state.hard.vote = message.from;
        persist_hard_state(state);
    }
    await_leader(state);
    state.disk.held.push_back({.from = state.settings.self,
                               .to = message.from,
                               .term = state.hard.term,
                               .body = VoteReply{.granted = true}});
}

Instant claim_due(const State& state) {
    if (!state.following.claim) return Instant::max();
    return state.following.heard + heartbeats_believed * state.settings.heartbeat;
}

void settle_claim(State& state) {
    const auto claim = std::exchange(state.following.claim, std::nullopt);
    if (!claim) return;
    const Message message{.from = claim->from, .to = state.settings.self, .term = claim->term};
    on_vote_request(state, message, claim->request);
}

void refute_claim(State& state) {
    const auto claim = std::exchange(state.following.claim, std::nullopt);
    if (!claim) return;
    state.send(claim->from,
               VoteReply{.pre = claim->request.pre, .attempt = claim->request.attempt});
}

}  // namespace ftcore::steps
