// SPDX-License-Identifier: Apache-2.0
// The follower's side of the log (Ongaro 2014, sections 3.5 and 3.6).
#include <algorithm>
#include <utility>

#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

/// Section 3.5: the reply to a request that does not fit tells where the disagreement begins, so
/// that the leader skips a whole term with each round trip.
AppendReply refusal(const State& state, const AppendRequest& request) {
    AppendReply reply{.round = request.round};
    if (request.previous_index > state.log.last_index()) {
        reply.conflict_index = state.log.last_index() + 1;
        return reply;
    }
    reply.conflict_term = state.log.at(request.previous_index).term;
    reply.conflict_index = state.log.run_begin(request.previous_index);
    return reply;
}

/// Entries that a snapshot of ours holds are agreed; what remains begins behind it.
void skip_agreed(State& state, AppendRequest& request) {
    const SnapshotMark behind = state.log.behind();
    if (request.previous_index >= behind.index || request.entries.empty()) return;
    const auto skipped =
        std::min<std::size_t>(behind.index - request.previous_index, request.entries.size());
    request.previous_index += skipped;
    request.previous_term = request.entries[skipped - 1].term;
    request.entries.erase(request.entries.begin(),
                          request.entries.begin() + static_cast<std::ptrdiff_t>(skipped));
}

/// Terms never fall along a log, so a newer term before our snapshot's end means that the leader
/// lacks what the snapshot holds.
bool contradicts_snapshot(const State& state, const AppendRequest& request) {
    const SnapshotMark behind = state.log.behind();
    if (request.previous_index == behind.index) return request.previous_term != behind.term;
    return request.previous_index < behind.index && request.previous_term > behind.term;
}

/// How many of the entries we have already.
std::size_t count_known(const State& state, const AppendRequest& request) {
    std::size_t known = 0;
    for (const Entry& entry : request.entries) {
        if (state.log.term_at(entry.index) != entry.term) break;
        ++known;
    }
    return known;
}

/// False: the new entries would replace what was agreed, and cannot.
bool may_replace(State& state, Index from) {
    if (from > state.commit) return true;
    if (state.settings.level == Level::high) {
        state.violated("the leader wants to replace an entry that was agreed");
        return false;
    }
    // Below level high a loss of power may take agreed entries from a quorum; the rest follow.
    if (from <= state.snapshot.index) {
        forget_everything(state);
        return false;
    }
    state.commit = from - 1;
    rebuild(state);
    return true;
}

/// Section 3.5: if an entry conflicts with a new one, it and all that follow go. False: see
/// `may_replace`.
bool take_entries(State& state, AppendRequest& request) {
    const std::size_t known = count_known(state, request);
    if (known == request.entries.size()) return true;
    const auto first_new = request.entries.begin() + static_cast<std::ptrdiff_t>(known);
    const Index from = first_new->index;
    const bool conflict = from <= state.log.last_index();
    if (conflict) {
        if (!may_replace(state, from)) return false;
        state.log.truncate_from(from);
    }
    std::vector<Entry> fresh(std::make_move_iterator(first_new),
                             std::make_move_iterator(request.entries.end()));
    for (const Entry& entry : fresh)
        state.log.append(entry);
    persist_entries(state, conflict ? std::optional(from) : std::nullopt, std::move(fresh));
    return true;
}

}  // namespace

void on_append_request(State& state, const Message& message, AppendRequest request) {
    if (message.term < state.hard.term) {
        state.send(message.from, AppendReply{.round = request.round});
        return;
    }
    if (state.leads()) return state.violated("another member leads our term");
    hear_leader(state, message.from);
    // Nothing may count on a disk that failed, and nothing is appended behind a snapshot that is
    // taking the log's place.
    const bool installing = state.following.incoming && state.following.incoming->complete;
    const bool heartbeat = request.entries.empty();
    if (state.disk.failed || (installing && !heartbeat)) return;

    const Index last = request.previous_index + request.entries.size();
    skip_agreed(state, request);
    if (contradicts_snapshot(state, request)) {
        if (state.settings.level == Level::high) {
            state.violated("the leader lacks what our snapshot holds: a folder was replaced");
        } else if (!installing) {
            forget_everything(state);
        }
        return;
    }
    const bool behind = request.previous_index < state.log.behind().index;
    if (!behind && state.log.term_at(request.previous_index) != request.previous_term) {
        state.send(message.from, refusal(state, request));
        return;
    }
    if (!take_entries(state, request)) return;
    Following& following = state.following;
    following.verified = std::max(following.verified, last);
    state.commit = std::max(state.commit, std::min(request.commit, following.verified));
    if (heartbeat) {
        const Index match = std::min(following.verified, state.disk.durable);
        state.send(message.from,
                   AppendReply{.accepted = true, .match = match, .round = request.round});
    } else {
        state.disk.acknowledgements.push_back({.match = last, .round = request.round});
    }
}

void rebuild(State& state) {
    state.effects.rebuild = true;
    state.effects.apply_to.reset();
    state.told.apply_to = state.told.applied = state.snapshot.index;
    ++state.told.rebuilds;
}

}  // namespace ftcore::steps
