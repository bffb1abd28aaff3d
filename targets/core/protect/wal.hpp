// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/core/failover/consensus.hpp"
#include "targets/core/protect/log_recovery.hpp"

namespace ftcore {

/// The log as it is being written.
///
///   add ... add → write → sync        one write and one sync for all that was added
///
/// After an error nothing may be called but `repair`.
/// Thread: one owner.
class WriteAheadLog {
  public:
    WriteAheadLog(disk::Path folder,
                  std::size_t segment_bytes,
                  WatermarkFile watermark,
                  LogState state);

    /// Takes the truncation and the entries of one step. An entry that is there already is
    /// replaced. Requires: no gap.
    void add(const StorageWork& work);
    /// Bytes added and not written.
    [[nodiscard]] std::size_t added_bytes() const;
    /// Hands what was added to the kernel; begins a new segment when the last one is full.
    /// Errors: nothing of it is written, as far as the disk lets us cut it back.
    [[nodiscard]] Result<> write();
    [[nodiscard]] bool dirty() const;
    [[nodiscard]] Result<> sync();

    /// Forgets everything and begins anew behind `mark`. Requires: written and synced.
    [[nodiscard]] Result<> begin_behind(SnapshotMark mark);
    /// Removes the segments that hold nothing behind `index`. What cannot be removed stays.
    void forget_to(Index index);

    /// Begins a new segment with `unsynced`, synced. The failed one counts up to its last sync.
    [[nodiscard]] Result<> repair(const std::vector<Entry>& unsynced);

    [[nodiscard]] SnapshotMark last() const { return terms_.last(); }
    [[nodiscard]] std::size_t bytes_behind(Index index) { return length_.behind(index); }

  private:
    struct Open {
        disk::Path path;
        disk::UniqueFd fd;
    };
    [[nodiscard]] Result<> open_segment();
    [[nodiscard]] Result<> begin_segment(SnapshotMark behind);
    [[nodiscard]] Result<> write_buffer();
    void append_entry(const Entry& entry);
    [[nodiscard]] disk::Path path_of(const LogSegment& segment) const;

    disk::Path folder_;
    std::size_t segment_bytes_;
    WatermarkFile watermark_;
    std::vector<LogSegment> segments_;
    std::uint64_t next_number_;
    TermRuns terms_;
    bool begin_segment_;
    std::optional<Open> open_{};  // the last segment
    std::size_t synced_end_;      // of the last segment
    SnapshotMark synced_last_;
    SnapshotMark buffer_behind_;  // the last entry before what was added
    std::string buffer_{};        // room for a sync mark, then what was added
    LogLength length_;
};

}  // namespace ftcore
