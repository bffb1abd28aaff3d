// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "targets/core/protect/log_codec.hpp"
#include "tests/simulation/world/counts.hpp"

namespace ftcore::simulation {

/// How much of what was not synced gets lost.
enum class CrashKind : std::uint8_t {
    process,    // nothing that was handed to the kernel
    power_loss  // any of it
};

/// The bytes of a node's log in segments, as production writes them, and beside them what whole
/// records would mean: what recovery must find.
class LogFile {
  public:
    explicit LogFile(std::size_t segment_bytes) : segment_bytes_(segment_bytes) {}

    void append(const StorageWork& work, SnapshotMark last);
    void sync();
    /// From here on a crash of the process may tear what is appended.
    void begin_write() { write_began_ = segments_.back().bytes.size(); }
    /// Back to what was synced: the rest is written again.
    void cut_to_synced();
    /// Drops all and begins a new segment.
    void begin_behind(SnapshotMark mark);
    /// Drops the segments that end at or before `index`.
    void forget_to(Index index);

    /// A random part of what was not synced is lost, the last piece perhaps torn.
    void crash(CrashKind kind, bool writing, Random& random, Counts& counts);
    /// Flips a bit where a flip can be told from a torn tail: before a sync mark, or in a segment
    /// that another one follows. False: there is no such place.
    bool flip(Random& random);

    struct Read {
        LogScan scan{};
        std::string lie{};  // how it differs from what was there; empty: it does not
    };
    /// Reads everything behind `mark`, as production does after a start; cuts what cannot be used.
    /// `snapshot_lost`: a newer one is damaged, so that there may be a gap.
    [[nodiscard]] Read recover(SnapshotMark mark, bool snapshot_lost);

    [[nodiscard]] std::size_t bytes() const;

  private:
    /// What the bytes up to `end` of a segment add to the log.
    struct Written {
        std::size_t end;
        bool truncates;
        Index index;
        Term term;
        std::uint64_t hash;
    };
    struct Segment {
        SnapshotMark behind{};
        std::string bytes{};
        std::size_t synced = 0;
        std::size_t marked = 0;  // a durable sync mark says that so many bytes were synced
        std::vector<Written> written{};
    };
    struct Known {
        Index index;
        Term term;
        std::uint64_t hash;
    };

    void note_written(Segment& segment, bool truncates, const Entry& entry);
    void cut(Segment& segment, std::size_t size);
    [[nodiscard]] std::vector<Known> expected(SnapshotMark mark) const;
    [[nodiscard]] std::string compare(const LogScan& scan, SnapshotMark mark, bool damaged) const;
    [[nodiscard]] bool ever_written(const Entry& entry) const;

    std::size_t segment_bytes_;
    std::vector<Segment> segments_{1};
    std::size_t write_began_ = 0;
    bool flipped_ = false;
};

}  // namespace ftcore::simulation
