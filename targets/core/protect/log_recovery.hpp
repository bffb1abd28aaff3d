// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "targets/core/protect/log_length.hpp"
#include "targets/core/protect/segment.hpp"
#include "targets/core/protect/term_runs.hpp"
#include "targets/core/protect/watermark.hpp"

namespace ftcore {

/// A segment that is part of the log.
struct LogSegment {
    SegmentHeader header{};
    std::size_t end = segment_header_bytes;  // of its last good record; a later header confirms it
};

/// Where the log stands: what writing continues from.
struct LogState {
    std::vector<LogSegment> segments{};  // in the order of writing
    std::uint64_t next_number = 1;
    TermRuns terms{};
    LogLength length{};
    /// The last segment cannot be continued: its entries are of no more use.
    bool begin_segment = true;
};

struct RecoveredLog {
    LogState state{};
    std::vector<Entry> entries{};  // behind the snapshot
    std::vector<std::string> notes{};
    bool damaged = false;
    Index must_reach = 0;  // damaged
};

/// Reads the log behind `snapshot`. A torn tail is cut; behind damage the log is cut too, and the
/// damaged segments are kept as *.damaged. `must_reach_stored` is called before anything is cut.
/// What is answered is on disk: what had perhaps never been synced is written once more and synced.
class LogRecovery {
  public:
    LogRecovery(disk::Path folder, const WatermarkFile& watermark, SnapshotMark snapshot);

    /// Reads; changes nothing.
    /// Errors: unreadable files, an unknown version.
    [[nodiscard]] Result<> read();
    [[nodiscard]] bool damaged() const { return log_.damaged; }
    [[nodiscard]] Index must_reach() const { return log_.must_reach; }

    /// Cuts what is not good and makes the rest durable. Requires: `read`, and `must_reach` stored.
    [[nodiscard]] Result<RecoveredLog> settle();

  private:
    struct Found {
        std::uint64_t number = 0;
        std::optional<SegmentHeader> header{};
        std::size_t good_end = segment_header_bytes;
        bool broken = false;  // it is here that the log breaks off
    };
    [[nodiscard]] Result<> find_segments();
    [[nodiscard]] Result<> read_segments();
    [[nodiscard]] Result<> cut_damage();
    [[nodiscard]] Result<> make_last_durable();
    /// What of a segment is known to have been synced; 0: nothing.
    [[nodiscard]] std::size_t marked_end(const Found& segment) const;
    [[nodiscard]] disk::Path path_of(std::uint64_t number) const {
        return folder_ / segment_name(number);
    }

    disk::Path folder_;
    const WatermarkFile& watermark_file_;
    std::optional<Watermark> watermark_{};
    SnapshotMark snapshot_;
    std::vector<Found> found_{};
    std::size_t good_count_ = 0;  // of `found_`: those that stay
    RecoveredLog log_{};
};

}  // namespace ftcore
