// SPDX-License-Identifier: Apache-2.0
// Voters (Ongaro 2014, sections 3.4, 3.6.1, 4.2.3 and 9.6): who gets a vote, and who only the
// promise of one.
#include "targets/core/failover/mutation.hpp"
#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

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
    state.send(message.from, VoteReply{.pre = request.pre});
}

void on_pre_vote_request(State& state, const Message& message, const VoteRequest& request) {
    const bool granted = message.term > state.hard.term && up_to_date(state, request) &&
                         !goes_before(state, message, request);
    if (!granted) return refuse(state, message, request);
    state.send(message.from, VoteReply{.pre = true, .granted = true});
    stand_back(state);
}

}  // namespace

void on_vote_request(State& state, const Message& message, const VoteRequest& request) {
    if (!may_vote(state)) return refuse(state, message, request);
    // Section 4.2.3: who hears a leader lets nobody disturb it. A leader that lives knows it better
    // than whoever asks, but a real candidacy is past stopping.
    const bool overruled = request.leader_gone && !(request.pre && state.leads());
    if (hears_leader(state) && !overruled) return refuse(state, message, request);
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

}  // namespace ftcore::steps
