// SPDX-License-Identifier: Apache-2.0
// The course of a node's disk: writes, syncs, snapshots, failures.
#include "tests/simulation/world/draw.hpp"
#include "tests/simulation/world/node.hpp"

namespace ftcore::simulation {

// ---- snapshots

void Node::consider_snapshot() {
    const Index every = world_.plan().disk.snapshot_after;
    const Index newest = std::max(glance_.snapshot.index, disk_.snapshots().newest().index);
    if (every == 0 || saving_snapshot_ || applied_ < newest + every) return;
    if (applied_ > glance_.commit) return;
    saving_snapshot_ = true;
    const SnapshotMark mark{applied_, consensus_->entry(applied_).term};
    std::string data;
    if (!witness_) {
        const auto source = machine_.snapshot();
        for (std::string piece = source->next(); !piece.empty(); piece = source->next())
            data += piece;
    }
    const Duration delay = (world_.plan().disk.write + world_.plan().disk.sync) * disk_factor_;
    later(delay, [this, mark, data = std::move(data), given_up = snapshots_given_up_] {
        input([this, mark, data, given_up](Instant now) {
            if (given_up != snapshots_given_up_) return;
            saving_snapshot_ = false;
            if (disk_.failed() || mark.index <= consensus_->snapshot().index) return;
            disk_.save_snapshot(mark, data);
            ++world_.counts()[Count::snapshots_taken];
            world_.trace().note(world_.now(), id_, "snapshot", mark.index, mark.term);
            consensus_->snapshot_taken(now, mark);
        });
    });
}

void Node::send_piece(const SnapshotWanted& wanted) {
    const Duration delay = world_.plan().disk.write * disk_factor_;
    later(delay, [this, wanted] {
        input([this, wanted](Instant now) {
            const std::size_t bytes = world_.plan().disk.piece_bytes;
            consensus_->snapshot_piece(
                now, wanted.to, disk_.snapshots().piece(wanted.offset, bytes));
        });
    });
}

// ---- the disk's course

void Node::later_on_disk(Duration mean, void (Node::*action)()) {
    later(around(random_, mean * disk_factor_), [this, action, failures = disk_.failures()] {
        if (failures == disk_.failures()) (this->*action)();
    });
}

void Node::work_disk() {
    if (!disk_.can_begin()) return;
    disk_.begin_write();
    later_on_disk(world_.plan().disk.write, &Node::written);
}

void Node::written() {
    const bool sync = disk_.end_write();
    world_.trace().note(world_.now(), id_, "written", disk_.progress().written, sync ? 1 : 0);
    if (sync) later_on_disk(world_.plan().disk.sync, &Node::synced);
    const bool all = disk_.progress().written == disk_.progress().synced;
    if (!sync || all || world_.plan().consensus.level != Level::high) report_progress();
    if (sync) return;
    if (disk_.sync_is_due() && !std::exchange(sync_planned_, true)) {
        later(world_.plan().disk.sync_period, [this] {
            sync_planned_ = false;
            if (!disk_.sync_is_due()) return;
            disk_.begin_sync();
            later_on_disk(world_.plan().disk.sync, &Node::synced);
        });
    }
    if (up()) work_disk();
}

void Node::synced() {
    disk_.end_sync();
    world_.trace().note(world_.now(), id_, "synced", disk_.progress().synced);
    report_progress();
    if (up()) work_disk();
}

void Node::report_progress() {
    input([this, progress = disk_.progress()](Instant now) { consensus_->stored(now, progress); });
}

void Node::fail_disk() {
    if (!up() || disk_.failed()) return;
    ++world_.counts()[Count::disk_failures];
    world_.trace().note(world_.now(), id_, "disk fails");
    disk_.fail();
    input([this](Instant now) { consensus_->storage_failed(now); });
}

void Node::repair_disk() {
    if (!up() || !disk_.failed()) return;
    input([this](Instant now) {
        if (!disk_.failed()) return;
        ++world_.counts()[Count::disk_repairs];
        disk_.repair();
        world_.trace().note(world_.now(), id_, "disk repaired", disk_.progress().synced);
        consensus_->storage_repaired(now, disk_.progress());
    });
}

}  // namespace ftcore::simulation
