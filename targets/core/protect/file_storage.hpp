// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <variant>

#include "targets/core/protect/group_commit.hpp"
#include "targets/core/protect/reach_file.hpp"
#include "targets/core/protect/storage.hpp"

namespace ftcore {

/// The storage thread: everything that is queued is taken at once.
///
///   submit, save_snapshot, ... ──► queue ──► storage thread ──► GroupCommit ──► files
///                                                 └──► callbacks
class FileStorage final : public Storage {
  public:
    /// `must_reach`: kept in `reach` until the log has it; 0: none.
    FileStorage(StorageSettings settings,
                Callbacks callbacks,
                disk::UniqueFd lock,
                GroupCommit files,
                Index must_reach);
    /// What was submitted is carried out and synced first.
    ~FileStorage() override;

    void submit(std::vector<StorageWork> work) override;
    void save_snapshot(SnapshotMark mark, std::string piece, bool last) override;
    void abandon_snapshot() override;
    void read_snapshot(NodeId to, std::uint64_t offset, std::size_t bytes_max) override;
    Result<> load_snapshot(SnapshotMark mark,
                           const std::function<Result<>(std::string_view piece)>& piece) override;
    void repair(HardState hard_state,
                std::vector<Entry> unsynced,
                std::uint64_t up_to_sequence) override;
    std::size_t log_bytes() const override { return log_bytes_; }
    void measure_room() override;
    std::optional<std::int64_t> free_bytes() const override;

  private:
    struct Steps {
        std::vector<StorageWork> steps;
    };
    struct Save {
        SnapshotMark mark;
        std::string piece;
        bool last;
    };
    struct Abandon {};
    struct Read {
        NodeId to;
        std::uint64_t offset;
        std::size_t bytes_max;
    };
    struct Repair {
        HardState hard_state;
        std::vector<Entry> unsynced;
        std::uint64_t up_to_sequence;
    };
    struct MeasureRoom {};
    using Job = std::variant<Steps, Save, Abandon, Read, Repair, MeasureRoom>;

    void enqueue(Job job);
    void run();
    /// Waits for jobs, or until a sync is due; false: it is over and nothing is left.
    bool wait(std::deque<Job>& jobs);
    void carry_out(std::deque<Job> jobs);
    void handle(Steps& job);
    void handle(Save& job);
    void handle(Abandon& job);
    void handle(Read& job);
    void handle(Repair& job);
    void handle(MeasureRoom& job);
    void sync_written();

    void report(Result<> result, Instant began);
    [[nodiscard]] StorageReport describe(const Result<>& result, Instant began) const;
    void after_progress();
    /// Nothing is written any more until `repair`.
    void fail_with(const faultline::Error& error);

    // Known to the storage thread only.
    StorageSettings settings_;
    Callbacks callbacks_;
    disk::UniqueFd lock_;
    GroupCommit files_;
    ReachFile reach_;
    Index must_reach_;
    std::optional<faultline::Error> failed_{};
    std::optional<Instant> sync_at_{};

    std::atomic<std::size_t> log_bytes_{0};
    std::atomic<std::int64_t> free_bytes_{-1};  // negative: not known
    std::atomic<bool> measuring_{false};        // one look at a time, however long it takes

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> queue_{};  // guarded by `mutex_`, as is `stopping_`
    bool stopping_ = false;
    std::thread thread_;  // the last member: it uses all others
};

}  // namespace ftcore
