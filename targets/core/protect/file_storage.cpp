// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/file_storage.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace ftcore {
namespace {

using faultline::now;

/// Pieces in which a snapshot is read to restore the state machine.
constexpr std::size_t load_bytes = std::size_t{1} << 20;

ErrorCode storage_code(const faultline::Error& error) {
    return error.code == faultline::ErrorCode::no_space ? ErrorCode::storage_full
                                                        : ErrorCode::storage_failed;
}

}  // namespace

FileStorage::FileStorage(StorageSettings settings,
                         Callbacks callbacks,
                         disk::UniqueFd lock,
                         GroupCommit files,
                         Index must_reach)
    : settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      lock_(std::move(lock)),
      files_(std::move(files)),
      reach_(settings_.folder),
      must_reach_(must_reach) {
    after_progress();
    thread_ = std::thread([this] { run(); });
}

FileStorage::~FileStorage() {
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void FileStorage::submit(std::vector<StorageWork> work) {
    enqueue(Steps{std::move(work)});
}

void FileStorage::save_snapshot(SnapshotMark mark, std::string piece, bool last) {
    enqueue(Save{mark, std::move(piece), last});
}

void FileStorage::abandon_snapshot() {
    enqueue(Abandon{});
}

void FileStorage::read_snapshot(NodeId to, std::uint64_t offset, std::size_t bytes_max) {
    enqueue(Read{to, offset, bytes_max});
}

void FileStorage::repair(HardState hard_state,
                         std::vector<Entry> unsynced,
                         std::uint64_t up_to_sequence) {
    enqueue(Repair{hard_state, std::move(unsynced), up_to_sequence});
}

Result<> FileStorage::load_snapshot(SnapshotMark mark,
                                    const std::function<Result<>(std::string_view piece)>& piece) {
    const disk::Path path = SnapshotStore::path_of(settings_.folder / "snapshot", mark);
    FL_TRY(const SnapshotReader reader, SnapshotReader::open(path, mark));
    for (std::uint64_t offset = 0; offset < reader.payload_bytes();) {
        FL_TRY(const std::string bytes, reader.read(offset, load_bytes));
        FL_TRY_VOID(piece(bytes));
        offset += bytes.size();
    }
    return {};
}

void FileStorage::enqueue(Job job) {
    {
        const std::lock_guard guard(mutex_);
        queue_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void FileStorage::run() {
    std::deque<Job> jobs;
    while (wait(jobs)) {
        if (jobs.empty()) sync_written();
        carry_out(std::exchange(jobs, {}));
        if (sync_at_ && now() >= *sync_at_) sync_written();
    }
    sync_written();
}

bool FileStorage::wait(std::deque<Job>& jobs) {
    std::unique_lock guard(mutex_);
    const auto something = [this] { return stopping_ || !queue_.empty(); };
    if (sync_at_) {
        wake_.wait_until(guard, *sync_at_, something);
    } else {
        wake_.wait(guard, something);
    }
    std::swap(jobs, queue_);
    return !jobs.empty() || !stopping_;
}

void FileStorage::carry_out(std::deque<Job> jobs) {
    for (std::size_t at = 0; at < jobs.size(); ++at) {
        // Steps that follow each other are one batch.
        if (auto* steps = std::get_if<Steps>(&jobs[at])) {
            while (at + 1 < jobs.size() && std::holds_alternative<Steps>(jobs[at + 1])) {
                auto& more = std::get<Steps>(jobs[++at]).steps;
                std::move(more.begin(), more.end(), std::back_inserter(steps->steps));
            }
            handle(*steps);
        } else {
            std::visit([this](auto& job) { handle(job); }, jobs[at]);
        }
    }
}

void FileStorage::handle(Steps& job) {
    const Instant began = now();
    if (failed_) return report(tl::unexpected(*failed_), began);
    report(files_.carry_out(job.steps), began);
    if (const auto given_up = files_.snapshots().take_given_up();
        given_up && callbacks_.snapshot_saved) {
        callbacks_.snapshot_saved(
            *given_up,
            faultline::fail(fmt::format(
                "the snapshot up to index {} was given up: the leader's takes its place",
                given_up->index)));
    }
}

void FileStorage::sync_written() {
    if (failed_ || !files_.dirty()) return;
    const Instant began = now();
    report(files_.sync(), began);
}

void FileStorage::report(Result<> result, Instant began) {
    if (!result) fail_with(result.error());
    StorageReport what = describe(result, began);
    if (result) after_progress();
    if (callbacks_.progressed) callbacks_.progressed(std::move(what));
}

void FileStorage::fail_with(const faultline::Error& error) {
    if (!failed_) failed_ = error;
    sync_at_.reset();
}

StorageReport FileStorage::describe(const Result<>& result, Instant began) const {
    StorageReport what{.progress = files_.progress(), .latency = now() - began};
    if (!result) {
        what.outcome = storage_code(result.error());
        what.detail = result.error().message;
    } else {
        what.synced = !files_.dirty();
    }
    return what;
}

void FileStorage::after_progress() {
    log_bytes_ = files_.log().bytes_behind(files_.snapshots().newest().index);
    if (!files_.dirty()) {
        sync_at_.reset();
    } else if (!sync_at_) {
        sync_at_ = now() + settings_.sync_period;
    }
    // One that cannot be removed now is removed at the next start, or after the next step.
    if (must_reach_ > 0 && !files_.dirty() && files_.log().last().index >= must_reach_ &&
        reach_.clear()) {
        must_reach_ = 0;
    }
}

void FileStorage::handle(Save& job) {
    auto saved = files_.snapshots().save(job.mark, job.piece, job.last);
    if (saved && !*saved) return;
    if (saved) {
        files_.log().forget_to(files_.snapshots().previous().index);
        log_bytes_ = files_.log().bytes_behind(job.mark.index);
    }
    if (!callbacks_.snapshot_saved) return;
    if (saved) {
        callbacks_.snapshot_saved(job.mark, {});
    } else {
        callbacks_.snapshot_saved(job.mark, tl::unexpected(std::move(saved).error()));
    }
}

void FileStorage::measure_room() {
    if (!measuring_.exchange(true)) enqueue(MeasureRoom{});
}

std::optional<std::int64_t> FileStorage::free_bytes() const {
    const std::int64_t bytes = free_bytes_;
    return bytes < 0 ? std::nullopt : std::optional(bytes);
}

void FileStorage::handle(MeasureRoom&) {
    std::error_code error;
    const auto room = std::filesystem::space(settings_.folder, error);
    free_bytes_ = error ? -1 : static_cast<std::int64_t>(room.available);
    measuring_ = false;
}

void FileStorage::handle(Abandon&) {
    files_.snapshots().abandon();
}

void FileStorage::handle(Read& job) {
    SnapshotRead read{.to = job.to};
    if (auto chunk = files_.snapshots().read(job.offset, job.bytes_max)) {
        read.chunk = std::move(*chunk);
    } else if (callbacks_.corruption) {
        callbacks_.corruption(chunk.error().message);
    }
    if (callbacks_.snapshot_read) callbacks_.snapshot_read(std::move(read));
}

void FileStorage::handle(Repair& job) {
    const Instant began = now();
    const auto repaired = files_.repair(job.hard_state, job.unsynced, job.up_to_sequence);
    if (repaired) {
        failed_.reset();
        after_progress();
    } else {
        fail_with(repaired.error());
    }
    if (callbacks_.repaired) callbacks_.repaired(repaired, describe(repaired, began));
}

}  // namespace ftcore
