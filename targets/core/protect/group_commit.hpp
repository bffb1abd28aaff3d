// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "targets/core/protect/snapshot_store.hpp"
#include "targets/core/protect/vote_file.hpp"
#include "targets/core/protect/wal.hpp"

namespace ftcore {

/// Carries steps out on the files, many with one write and one sync.
///
/// Thread: one owner.
class GroupCommit {
  public:
    GroupCommit(Level level, VoteFile votes, WriteAheadLog log, SnapshotStore snapshots)
        : level_(level),
          votes_(std::move(votes)),
          log_(std::move(log)),
          snapshots_(std::move(snapshots)) {}

    /// All the steps, in order. Level high, or anything but entries among them: also synced.
    /// Errors: none of the steps that follow `progress` counts; only `repair` leads on.
    [[nodiscard]] Result<> carry_out(const std::vector<StorageWork>& steps);
    /// Syncs what was only written.
    [[nodiscard]] Result<> sync();
    [[nodiscard]] Result<> repair(HardState hard_state,
                                  const std::vector<Entry>& unsynced,
                                  std::uint64_t up_to_sequence);

    [[nodiscard]] Stored progress() const { return progress_; }
    [[nodiscard]] bool dirty() const { return progress_.synced < progress_.written; }

    [[nodiscard]] WriteAheadLog& log() { return log_; }
    [[nodiscard]] SnapshotStore& snapshots() { return snapshots_; }

  private:
    [[nodiscard]] Result<> write();
    [[nodiscard]] Result<> receive(const SnapshotChunk& chunk);

    Level level_;
    VoteFile votes_;
    WriteAheadLog log_;
    SnapshotStore snapshots_;
    std::optional<HardState> hard_state_{};  // to be written
    Stored progress_{};
};

}  // namespace ftcore
