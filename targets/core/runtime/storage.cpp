// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

using faultline::now;

namespace {

/// Runs `action` on the loop if the node still exists: the storage thread must not touch it.
template <class State, class Action>
auto on_loop(const std::weak_ptr<State>& weak, boost::asio::io_context& loop, Action action) {
    return [weak, &loop, action](auto... values) {
        boost::asio::post(loop, [weak, action, ... kept = std::move(values)]() mutable {
            if (const auto self = weak.lock()) {
                action(*self, std::move(kept)...);
                self->ask_for_turn();
            }
        });
    };
}

}  // namespace

Storage::Callbacks Node::State::storage_callbacks() {
    const std::weak_ptr<State> weak = weak_from_this();
    Storage::Callbacks callbacks;
    callbacks.progressed =
        on_loop(weak, loop, [](State& self, StorageReport report) { self.stored(report); });
    callbacks.snapshot_read = on_loop(weak, loop, [](State& self, SnapshotRead read) {
        self.consensus->snapshot_piece(now(), read.to, std::move(read.chunk));
    });
    callbacks.snapshot_saved =
        on_loop(weak, loop, [](State& self, SnapshotMark mark, const Result<>& result) {
            self.snapshot_saved(mark, result);
        });
    callbacks.repaired =
        on_loop(weak, loop, [](State& self, Result<> result, StorageReport report) {
            self.repaired(result, report);
        });
    callbacks.corruption = on_loop(weak, loop, [](State& self, std::string where) {
        self.snapshot_damaged = true;  // nothing else is read again
        self.error_log.record(now(), ErrorCode::corrupted, where);
        self.pipeline->signal(now(), signal::Corruption{std::move(where)});
        self.pipeline_wanted = true;
    });
    return callbacks;
}

void Node::State::stored(const StorageReport& report) {
    const Instant t = now();
    if (report.outcome == ErrorCode::none) {
        unsynced.synced(report.progress.synced);
        if (storage_ok) consensus->stored(t, report.progress);
        if (report.synced) {
            pipeline->signal(t, signal::Storage{report.latency, ErrorCode::none, report.detail});
        }
        return;
    }
    pipeline->signal(t, signal::Storage{report.latency, report.outcome, report.detail});
    pipeline_wanted = true;
    if (!storage_ok) return;
    storage_ok = false;
    error_log.record(t, report.outcome, report.detail);
    unsynced.synced(report.progress.synced);
    // What waits for this disk may wait for long; nobody can say what becomes of it.
    requests.fail_writes(ErrorCode::outcome_unknown);
    // A full disk keeps the lead and the reads, since heartbeats need no disk; a broken one does
    // not.
    if (report.outcome != ErrorCode::storage_full) {
        consensus->storage_failed(t);
        enter(LifeState::storage_failed, report.detail);
    }
}

void Node::State::rotate_log(std::uint64_t action) {
    if (storage_ok) return done(action, true, "nothing has failed");
    if (rotating) return done(action, false, "a repair runs already");
    if (unsynced.has_snapshot())
        return done(action, false, "a snapshot was being received: it must be fetched again");
    std::vector<Entry> entries;
    const Index first = unsynced.first_entry();
    if (first != 0) {
        for (Index index = std::max(first, consensus->snapshot().index + 1);
             index <= consensus->last_index();
             ++index) {
            entries.push_back(consensus->entry(index));
        }
    }
    rotating = action;
    storage->repair(unsynced.hard_state(), std::move(entries), unsynced.last_sequence());
}

void Node::State::repaired(const Result<>& result, const StorageReport& report) {
    const auto action = std::exchange(rotating, std::nullopt);
    if (!result || isolated) {
        if (action) done(*action, false, result ? "isolated" : result.error().message);
        return;
    }
    const Instant t = now();
    storage_ok = true;
    const std::uint64_t reached = report.progress.synced;
    unsynced.synced(reached);
    consensus->storage_repaired(t, report.progress);
    if (life.state() == LifeState::storage_failed)
        enter(LifeState::recovering, "the log goes on in a new segment");
    if (consensus->leader() != nobody) role_changed();
    // Steps that were decided while the storage was repaired were not given to it.
    if (reached < unsynced.last_sequence()) {
        storage_ok = false;
        if (action) return rotate_log(*action);
    }
    if (action) done(*action, true, "a new segment holds what had not been synced");
}

}  // namespace ftcore
