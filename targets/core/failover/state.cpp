// SPDX-License-Identifier: Apache-2.0
#include "targets/core/failover/state.hpp"

#include <algorithm>
#include <utility>

#include "harness/base/check.hpp"
#include "targets/core/failover/mutation.hpp"
#include "targets/core/failover/steps.hpp"

namespace ftcore {
namespace {

Log recovered_log(Recovered& recovered) {
    SnapshotMark behind = recovered.snapshot;
    if (mutated(Mutation::reuse_snapshot_index) && recovered.entries.empty() && behind.index > 0) {
        --behind.index;
    }
    return Log(behind, std::move(recovered.entries));
}

}  // namespace

Consensus::State::State(ConsensusSettings chosen, Recovered recovered, Random stream, Instant at)
    : settings(std::move(chosen)),
      random(stream),
      now(at),
      hard(recovered.hard_state),
      log(recovered_log(recovered)),
      snapshot(recovered.snapshot),
      commit(log.behind().index) {
    for (const Member& member : settings.members) {
        if (member.id == settings.self) {
            witness = member.witness;
        } else {
            peers.push_back({.id = member.id, .witness = member.witness});
        }
    }
    // Level medium may lose the newest hard state with the power but not an entry of its term. That
    // term had a leader, chosen by votes that were synced, so our vote of it is worth nothing now.
    if (log.last().term > hard.term) hard = {.term = log.last().term, .vote = nobody};
    disk.durable = log.last_index();
    disk.must_reach = recovered.must_reach;
    told.apply_to = told.applied = commit;
    told.term = hard.term;
    // What was promised before the restart is forgotten; the worst is a promise of this moment.
    const bool blank = hard == HardState{} && log.last_index() == 0;
    if (!blank && !peers.empty()) following.promise_until = now + steps::promise(*this);
    steps::await_leader(*this);
    if (peers.empty()) election.campaign_at = now;
}

Peer* Consensus::State::find(NodeId id) {
    const auto found =
        std::find_if(peers.begin(), peers.end(), [id](const Peer& peer) { return peer.id == id; });
    return found == peers.end() ? nullptr : &*found;
}

void Consensus::State::send(NodeId to, Term term, MessageBody body) {
    effects.messages.push_back(
        {.from = settings.self, .to = to, .term = term, .body = std::move(body)});
}

void Consensus::State::answer(Answer::Kind kind, std::uint64_t token, Index index) {
    effects.answers.push_back({.token = token, .kind = kind, .index = index, .term = hard.term});
}

Duration Consensus::State::random_between(Duration least, Duration most) {
    if (most <= least) return least;
    const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + Duration(static_cast<Duration::rep>(random.below(span)));
}

void Consensus::State::violated(std::string_view what) {
#ifdef FTCORE_MUTATIONS
    if (violation.empty()) violation = what;
#else
    faultline::check_failed(what);
#endif
}

}  // namespace ftcore
