// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/failover/consensus.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

struct StorageSettings {
    std::filesystem::path folder;
    Level level = Level::high;
    std::size_t segment_bytes = 64 << 20;
    /// Levels medium and low: how often what was written is synced.
    Duration sync_period = std::chrono::milliseconds(100);
};

/// What came of a batch of steps, for the monitor and for `Consensus::stored`.
struct StorageReport {
    Stored progress{};
    Duration latency{};                   // of the batch: write and sync
    ErrorCode outcome = ErrorCode::none;  // storage_full, storage_failed: nothing more is written
                                          // until `repair`
    std::string detail{};
    bool synced = false;  // the batch held a sync, so `latency` speaks of the disk
};

/// A piece of a snapshot that was read back.
struct SnapshotRead {
    NodeId to = nobody;
    SnapshotChunk chunk{};
};

/// The node's disk: a write-ahead log in segments, the hard state in two copies, snapshots in
/// files. All calls return at once; a thread of its own does the work, many steps with one sync,
/// and calls back from that thread (post it to your loop).
///
///   folder/log/000000000001.wal ...   segments, numbered in the order of writing
///   folder/log/synced                 how much of the log is known to have been synced
///   folder/vote                       term and vote, two slots
///   folder/must_reach                 after damage: the index the log must reach again
///   folder/snapshot/<index>-<term>.snap
///   folder/lock                       keeps a second process out
///   *.damaged                         what was cut off or refused, for people; *.new: not finished
///
/// Thread: one caller; callbacks come from the storage thread.
class Storage {
  public:
    struct Callbacks {
        std::function<void(StorageReport)> progressed;
        std::function<void(SnapshotRead)> snapshot_read;
        /// The snapshot up to this mark is on disk, or was given up.
        std::function<void(SnapshotMark, Result<>)> snapshot_saved;
        std::function<void(Result<>, StorageReport)> repaired;
        std::function<void(std::string where)> corruption;
    };

    /// What was found, already verified.
    struct Opened {
        std::unique_ptr<Storage> storage;
        Recovered recovered;
        std::vector<std::string> notes;  // "cut a torn tail of 112 bytes at index 4711", ...
        bool corrupted = false;  // something once synced was damaged; see Recovered::must_reach
    };
    /// Reads everything, cuts a torn tail, finds damage in the middle.
    /// Errors: a folder that cannot be used, another process in it (flock), an unknown version.
    [[nodiscard]] static Result<Opened> open(StorageSettings settings, Callbacks callbacks);

    virtual ~Storage() = default;

    virtual void submit(std::vector<StorageWork> work) = 0;

    /// A snapshot taken of the state machine at `mark`, in pieces; the last call has `last` set.
    /// When it is durable (write, fsync, rename, fsync of the folder) `snapshot_saved` is called,
    /// older snapshots go and so do the segments that end before the *previous* snapshot. After an
    /// error the pieces up to the last one are passed over; it comes once, also when a received
    /// snapshot takes the place of one that is being saved.
    virtual void save_snapshot(SnapshotMark mark, std::string piece, bool last) = 0;
    /// Gives up a snapshot that is being saved.
    virtual void abandon_snapshot() = 0;
    /// Reads a piece of the newest snapshot → `snapshot_read`.
    virtual void read_snapshot(NodeId to, std::uint64_t offset, std::size_t bytes_max) = 0;
    /// Streams the newest snapshot to `piece`, in this thread; for restoring the state machine.
    [[nodiscard]] virtual Result<> load_snapshot(
        SnapshotMark mark, const std::function<Result<>(std::string_view piece)>& piece) = 0;

    /// After a failure: a new segment that holds `unsynced` (all entries after the last synced
    /// step) and the hard state, synced; the failed segment is cut at the last synced record, never
    /// synced again (after a failed fsync the kernel may have dropped the pages and call them
    /// clean). → `repaired`.
    virtual void repair(HardState hard_state,
                        std::vector<Entry> unsynced,
                        std::uint64_t up_to_sequence) = 0;

    /// Bytes of log behind the newest snapshot: when to take the next one.
    [[nodiscard]] virtual std::size_t log_bytes() const = 0;

    /// Looks how much room is left, in the storage thread: a sick disk makes its caller wait.
    virtual void measure_room() = 0;
    /// What the last look saw. Units: bytes. Absent before the first, or when it failed.
    [[nodiscard]] virtual std::optional<std::int64_t> free_bytes() const = 0;
};

}  // namespace ftcore
