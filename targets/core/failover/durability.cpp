// SPDX-License-Identifier: Apache-2.0
// What goes to disk, and what may be said when it is there. A vote counts when it is synced;
// entries count when they are stored as the level demands (Ongaro 2014, section 3.8 and
// figure 3.1).
#include <algorithm>
#include <utility>

#include "targets/core/failover/mutation.hpp"
#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

std::uint64_t stored_enough(const State& state) {
    return state.settings.level == Level::high ? state.disk.progress.synced
                                               : state.disk.progress.written;
}

void release_votes(State& state) {
    if (!hard_state_synced(state)) return;
    for (Message& message : std::exchange(state.disk.held, {})) {
        if (auto* reply = std::get_if<VoteReply>(&message.body); reply != nullptr) {
            // As late as possible: every instant of waiting shortens it.
            reply->promise_left = std::max(Duration{}, state.following.promise_until - state.now);
        }
        state.effects.messages.push_back(std::move(message));
    }
    const bool waiting = state.election.phase == Election::Phase::vote && !state.election.own_vote;
    if (waiting) request_votes(state);
}

// All that became true at once is said in one reply: the furthest entry, the newest round.
void release_acknowledgements(State& state) {
    auto& waiting = state.disk.acknowledgements;
    if (waiting.empty() || state.disk.failed || !hard_state_synced(state)) return;
    AppendReply reply{.accepted = true};
    bool any = false;
    std::erase_if(waiting, [&](const Disk::Acknowledgement& acknowledgement) {
        if (acknowledgement.match > state.disk.durable) return false;
        reply.match = std::max(reply.match, acknowledgement.match);
        reply.round = std::max(reply.round, acknowledgement.round);
        any = true;
        return true;
    });
    if (any && state.leader != nobody) state.send(state.leader, reply);
}

}  // namespace

void persist_hard_state(State& state) {
    auto& storage = state.effects.storage;
    // A new term and the vote in it, decided in one go, are one step.
    if (!storage.empty() && storage.back().hard_state) {
        storage.back().hard_state = state.hard;
        return;
    }
    state.disk.hard_issued = ++state.disk.issued;
    storage.push_back({.sequence = state.disk.issued, .hard_state = state.hard});
}

void persist_entries(State& state, std::optional<Index> truncate_from, std::vector<Entry> entries) {
    Disk& disk = state.disk;
    if (truncate_from) {
        disk.durable = std::min(disk.durable, *truncate_from - 1);
        for (auto& unstored : disk.unstored) {
            unstored.last = std::min(unstored.last, *truncate_from - 1);
        }
    }
    const std::uint64_t sequence = ++disk.issued;
    disk.unstored.push_back({.sequence = sequence, .last = state.log.last_index()});
    state.effects.storage.push_back(
        {.sequence = sequence, .truncate_from = truncate_from, .append = std::move(entries)});
}

bool hard_state_synced(const State& state) {
    if (mutated(Mutation::forget_to_sync_the_vote)) return true;
    return !state.disk.failed && state.disk.progress.synced >= state.disk.hard_issued;
}

void note_progress(State& state, Stored progress) {
    Disk& disk = state.disk;
    disk.progress.written = std::max({disk.progress.written, progress.written, progress.synced});
    disk.progress.synced = std::max(disk.progress.synced, progress.synced);
    if (disk.failed) return;
    const std::uint64_t enough = stored_enough(state);
    while (!disk.unstored.empty() && disk.unstored.front().sequence <= enough) {
        disk.durable = std::max(disk.durable, disk.unstored.front().last);
        disk.unstored.pop_front();
    }
    settle_incoming(state);
}

void release_held(State& state) {
    release_votes(state);
    release_acknowledgements(state);
}

}  // namespace ftcore::steps
