// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/disk.hpp"

#include "tests/simulation/world/draw.hpp"

namespace ftcore::simulation {

Disk::Disk(const DiskPlan& plan, Level level) : level_(level), log_(plan.segment_bytes) {}

void Disk::submit(std::vector<StorageWork> steps) {
    for (StorageWork& step : steps)
        steps_.push_back(std::move(step));
}

bool Disk::can_begin() const {
    return !busy_ && !failed_ && steps_.size() > written_;
}

void Disk::begin_write() {
    busy_ = true;
    writing_ = steps_.size() - written_;
}

bool Disk::end_write() {
    log_.begin_write();
    bool sync = level_ == Level::high;
    for (std::size_t count = std::exchange(writing_, 0); count > 0; --count) {
        const StorageWork& step = steps_[written_++];
        written_to_ = step.sequence;
        sync = sync || step.hard_state;
        carry_out(step);
    }
    busy_ = sync && written_ > 0;
    return busy_;
}

void Disk::carry_out(const StorageWork& step) {
    if (step.hard_state) votes_.write(*step.hard_state);
    log_.append(step,
                {written_terms_.last(), written_terms_.term(written_terms_.last()).value_or(0)});
    written_terms_.carry_out(step);
    if (step.snapshot && snapshots_.receive(*step.snapshot)) put_in_place(step.snapshot->mark);
}

/// A received snapshot is renamed into place when it and all before it are synced; it takes the
/// place of the log as well.
void Disk::put_in_place(SnapshotMark mark) {
    written_terms_ = LogTerms(mark, {});
    all_synced();
    log_.begin_behind(mark);
}

void Disk::all_synced() {
    log_.sync();
    votes_.sync();
    synced_terms_ = written_terms_;
    synced_to_ = written_to_;
    steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(written_));
    written_ = 0;
}

void Disk::end_sync() {
    busy_ = false;
    all_synced();
}

void Disk::fail() {
    failed_ = true;
    ++failures_;
    busy_ = false;
    writing_ = 0;
}

void Disk::repair() {
    failed_ = false;
    log_.cut_to_synced();
    written_terms_ = synced_terms_;
    written_ = 0;
    begin_write();
    (void)end_write();
    end_sync();
}

bool Disk::crash(CrashKind kind, Random& random, Counts& counts) {
    // After a failed sync the kernel may have dropped what it held.
    if (failed_) kind = CrashKind::power_loss;
    const bool simple = std::ranges::none_of(
        steps_, [](const StorageWork& step) { return step.snapshot.has_value(); });
    const bool writing = writing_ > 0 && simple && chance(random, 0.7);
    const std::uint64_t reported = written_to_;
    if (writing) (void)end_write();
    log_.crash(kind, writing, random, counts);
    if (kind == CrashKind::power_loss) votes_.power_loss(random);
    snapshots_.lose_incoming();
    const bool lost = kind == CrashKind::power_loss && reported > synced_to_;
    steps_.clear();
    written_ = writing_ = 0;
    written_to_ = synced_to_ = 0;
    busy_ = failed_ = false;
    return lost;
}

bool Disk::flip(Random& random) {
    if (chance(random, 0.15)) return votes_.flip(random);
    if (chance(random, 0.25)) return snapshots_.flip(random);
    return log_.flip(random);
}

Disk::Start Disk::recover() {
    Start start;
    const VoteScan votes = votes_.recover();
    if (votes.damaged) start.lie = "both vote slots are said to be damaged";
    start.recovered.hard_state = votes.state;
    while (snapshots_.damaged()) {
        // The log reaches back behind the snapshot before, unless a leader sent this one.
        must_reach_ = std::max(must_reach_, snapshots_.newest().index);
        snapshots_.drop_newest();
        start.damaged = true;
    }
    const SnapshotMark mark = snapshots_.newest();
    LogFile::Read read = log_.recover(mark, start.damaged);
    if (!read.lie.empty()) start.lie = read.lie;
    if (read.scan.damaged) {
        start.damaged = true;
        must_reach_ = std::max(must_reach_, read.scan.must_reach);
    }
    start.recovered.snapshot = mark;
    start.recovered.entries = std::move(read.scan.entries);
    written_terms_ = LogTerms(mark, start.recovered.entries);
    synced_terms_ = written_terms_;
    if (written_terms_.last() >= must_reach_) must_reach_ = 0;
    start.recovered.must_reach = must_reach_;
    return start;
}

void Disk::save_snapshot(SnapshotMark mark, std::string data) {
    snapshots_.save(mark, std::move(data));
    log_.forget_to(snapshots_.previous().index);
}

}  // namespace ftcore::simulation
