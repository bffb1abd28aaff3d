// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "tests/simulation/world/log_file.hpp"
#include "tests/simulation/world/log_terms.hpp"
#include "tests/simulation/world/plan.hpp"
#include "tests/simulation/world/snapshot_files.hpp"
#include "tests/simulation/world/vote_file.hpp"

namespace ftcore::simulation {

/// A node's disk, in bytes. Steps go through three states, in order:
///
///   submit ─► waiting ─ begin_write, end_write ─► in the kernel ─ end_sync ─► on the platters
///
/// The node's owner decides when; a crash decides what is left. It survives the node's processes.
class Disk {
  public:
    Disk(const DiskPlan& plan, Level level);

    void submit(std::vector<StorageWork> steps);

    /// Whether there is something to do and nothing being done.
    [[nodiscard]] bool can_begin() const;
    /// Takes all that waits as one write.
    void begin_write();
    /// Answers whether a sync has to follow at once: always at level high, and for whatever must be
    /// synced before it counts.
    [[nodiscard]] bool end_write();
    /// Levels medium and low: something was written and not synced yet.
    [[nodiscard]] bool sync_is_due() const { return !busy_ && !failed_ && written_ > 0; }
    void begin_sync() { busy_ = true; }
    void end_sync();
    [[nodiscard]] Stored progress() const { return {written_to_, synced_to_}; }

    /// A write or sync goes wrong; nothing works any more until `repair`.
    void fail();
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::uint64_t failures() const { return failures_; }
    /// A new place for everything that was not synced.
    void repair();

    /// Answers whether something was lost that had been reported as written.
    bool crash(CrashKind kind, Random& random, Counts& counts);
    /// Flips a bit of something synced. False: there was nothing.
    bool flip(Random& random);

    struct Start {
        Recovered recovered{};
        bool damaged = false;
        std::string lie{};  // how it differs from what was there
    };
    [[nodiscard]] Start recover();

    void save_snapshot(SnapshotMark mark, std::string data);
    [[nodiscard]] const SnapshotFiles& snapshots() const { return snapshots_; }
    bool flip_snapshot(Random& random) { return snapshots_.flip(random); }

    /// What is on the platters, or at least in the kernel.
    [[nodiscard]] const LogTerms& synced() const { return synced_terms_; }
    [[nodiscard]] const LogTerms& written() const { return written_terms_; }

  private:
    void carry_out(const StorageWork& step);
    void put_in_place(SnapshotMark mark);
    void all_synced();

    Level level_;
    LogFile log_;
    VoteFile votes_;
    SnapshotFiles snapshots_;
    Index must_reach_ = 0;  // kept in a file until it is reached

    std::deque<StorageWork> steps_;  // not synced: first those written, then those being written
    std::size_t written_ = 0;
    std::size_t writing_ = 0;
    bool busy_ = false;
    bool failed_ = false;
    std::uint64_t failures_ = 0;
    std::uint64_t written_to_ = 0;
    std::uint64_t synced_to_ = 0;
    LogTerms written_terms_;
    LogTerms synced_terms_;
};

}  // namespace ftcore::simulation
