// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/group_commit.hpp"

namespace ftcore {
namespace {

/// So much is gathered for one write; a longer batch takes several, still with one sync.
constexpr std::size_t write_bytes_max = std::size_t{16} << 20;

}  // namespace

Result<> GroupCommit::carry_out(const std::vector<StorageWork>& steps) {
    if (steps.empty()) return {};
    bool sync_now = level_ == Level::high;
    for (const StorageWork& step : steps) {
        if (step.hard_state) hard_state_ = step.hard_state;
        log_.add(step);
        if (log_.added_bytes() >= write_bytes_max) FL_TRY_VOID(write());
        if (step.snapshot) FL_TRY_VOID(receive(*step.snapshot));
        sync_now = sync_now || step.hard_state || step.snapshot;
    }
    FL_TRY_VOID(write());
    progress_.written = steps.back().sequence;
    return sync_now ? sync() : Result<>{};
}

/// The vote first: entries of a term whose vote is not on disk must not be found after a crash.
Result<> GroupCommit::write() {
    if (hard_state_) FL_TRY_VOID(votes_.write(*hard_state_));
    hard_state_.reset();
    return log_.write();
}

Result<> GroupCommit::receive(const SnapshotChunk& chunk) {
    // The snapshot takes the log's place: all that came before it must be on disk.
    if (chunk.last) {
        FL_TRY_VOID(write());
        FL_TRY_VOID(log_.sync());
    }
    FL_TRY(const bool whole, snapshots_.receive(chunk));
    if (!whole) return {};
    // Newer snapshots, should there be any, go last: until then a crash leaves what was there,
    // which is in order, and not a log that begins behind the snapshot.
    FL_TRY_VOID(log_.begin_behind(chunk.mark));
    return snapshots_.install_received(chunk.mark);
}

Result<> GroupCommit::sync() {
    FL_TRY_VOID(log_.sync());
    progress_.synced = progress_.written;
    return {};
}

Result<> GroupCommit::repair(HardState hard_state,
                             const std::vector<Entry>& unsynced,
                             std::uint64_t up_to_sequence) {
    hard_state_.reset();
    FL_TRY_VOID(snapshots_.abandon_received());
    FL_TRY_VOID(votes_.replace(hard_state));
    FL_TRY_VOID(log_.repair(unsynced));
    progress_ = {.written = up_to_sequence, .synced = up_to_sequence};
    return {};
}

}  // namespace ftcore
