// SPDX-License-Identifier: Apache-2.0
// When a snapshot is taken, and what becomes of it:
//
//   enough log, or forced ─► taking: a piece a turn ─► storage ─► saved: the log before it goes
//           ▲                        │ rebuild                 └► failed ─► a pause ─┐
//           └────────────────────────┴───────────────────────────────────────────────┘
#include <boost/asio/post.hpp>

#include "targets/core/runtime/node_state.hpp"

namespace ftcore {

using faultline::now;

namespace {

/// After one that could not be saved: whatever is wrong with the disk is not over at once.
constexpr Duration snapshot_pause = std::chrono::seconds(1);

}  // namespace

void Node::State::maybe_snapshot() {
    if (snapshot_saving || !storage_ok || isolated) return;
    if (!snapshot_forced && storage->log_bytes() < settings.snapshot_log_bytes) return;
    if (applied <= consensus->snapshot().index || applied != apply_target) return;
    // At level low the state may be ahead of what is agreed; a snapshot must not be.
    if (applied > consensus->commit()) return;
    // No timer for this: the next turn comes with the next beat at the latest.
    if (now() < snapshot_after) return;
    snapshot_mark = {.index = applied, .term = consensus->entry(applied).term};
    snapshot_saving = true;
    if (!am_witness()) snapshot_source = machine.snapshot();
    continue_snapshot();
}

void Node::State::continue_snapshot() {
    // One piece a turn: the service goes on in between.
    std::string piece = snapshot_source ? snapshot_source->next() : std::string();
    const bool last = piece.empty();
    storage->save_snapshot(snapshot_mark, std::move(piece), last);
    if (last) {
        snapshot_source.reset();
        return;
    }
    boost::asio::post(loop, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self && self->snapshot_source) self->continue_snapshot();
    });
}

void Node::State::snapshot_saved(SnapshotMark mark, const Result<>& result) {
    const Instant t = now();
    if (result)
        consensus->snapshot_taken(t, mark);
    else
        error_log.record(t, ErrorCode::storage_failed, result.error().message);
    if (!snapshot_saving || mark != snapshot_mark) return;  // one that was given up here before
    // Pieces may still be coming: after an error, or when this answer is about an earlier one.
    if (snapshot_source)
        abandon_snapshot();
    else
        snapshot_saving = false;
    if (!result) {
        snapshot_after = t + snapshot_pause;
        return;
    }
    snapshot_damaged = snapshot_forced = false;
    if (const auto action = std::exchange(resynchronising, std::nullopt))
        done(*action, true, "a fresh snapshot was taken");
}

void Node::State::abandon_snapshot() {
    if (!snapshot_saving) return;
    snapshot_source.reset();
    snapshot_saving = false;
    storage->abandon_snapshot();
}

void Node::State::resynchronise(std::uint64_t action) {
    if (!snapshot_damaged) {
        // What is damaged was cut when the folder was opened; consensus fetches it again by itself,
        // and until it has, the node neither votes nor serves.
        return done(action, true, "the leader sends what is missing");
    }
    // What the damaged snapshot held is in memory.
    snapshot_forced = true;
    if (applied <= consensus->snapshot().index)
        return done(action, true, "a fresh snapshot is taken with the next entry");
    resynchronising = action;
}

}  // namespace ftcore
