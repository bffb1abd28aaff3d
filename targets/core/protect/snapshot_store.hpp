// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "targets/core/failover/message.hpp"
#include "targets/core/protect/snapshot_file.hpp"

namespace ftcore {

/// The snapshots of a node: the newest, the one before it (should the newest turn out to be
/// unreadable), and at most one being saved and one being received.
///
/// Thread: one owner; `path_of` is for everybody.
class SnapshotStore {
  public:
    struct Opened;
    /// Verifies the newest snapshot; one that does not verify is put aside as *.damaged and the one
    /// before it counts. Unfinished ones go.
    [[nodiscard]] static Result<Opened> open(disk::Path folder);

    [[nodiscard]] SnapshotMark newest() const {
        return marks_.empty() ? SnapshotMark{} : marks_.back();
    }
    [[nodiscard]] SnapshotMark previous() const {
        return marks_.size() < 2 ? SnapshotMark{} : marks_[marks_.size() - 2];
    }
    [[nodiscard]] static disk::Path path_of(const disk::Path& folder, SnapshotMark mark);

    /// A piece of our own snapshot. Answers true when it was the last one and all is on disk.
    /// Errors: the snapshot is given up; its other pieces, up to the last one, are passed over.
    [[nodiscard]] Result<bool> save(SnapshotMark mark, std::string_view piece, bool last);
    void abandon();
    /// The snapshot that was being saved when a received one came; told once.
    [[nodiscard]] std::optional<SnapshotMark> take_given_up() {
        return std::exchange(given_up_, {});
    }

    /// A piece of the leader's snapshot: offset 0 begins, every other continues. Answers true when
    /// it was the last one: the snapshot is on disk, and counts after `install_received`. Index 0
    /// is no snapshot at all.
    [[nodiscard]] Result<bool> receive(const SnapshotChunk& chunk);
    /// Requires: it was received in whole. Newer snapshots go, and one that is being saved.
    [[nodiscard]] Result<> install_received(SnapshotMark mark);
    /// Also one that was received and not installed.
    [[nodiscard]] Result<> abandon_received();

    /// A piece of the newest snapshot. Shape: empty and not last when there is none.
    [[nodiscard]] Result<SnapshotChunk> read(std::uint64_t offset, std::size_t bytes_max);

  private:
    explicit SnapshotStore(disk::Path folder) : folder_(std::move(folder)) {}
    [[nodiscard]] Result<bool> add_piece(SnapshotMark mark, std::string_view piece, bool last);
    void count(SnapshotMark mark);

    disk::Path folder_;
    std::vector<SnapshotMark> marks_{};  // rising; whole ones
    std::optional<SnapshotWriter> saving_{};
    std::optional<SnapshotMark> passed_over_{};  // given up, its last piece not seen yet
    std::optional<SnapshotMark> given_up_{};
    std::optional<SnapshotWriter> receiving_{};
    std::optional<SnapshotMark> received_{};  // in whole, not installed
    std::optional<SnapshotReader> reader_{};  // of the newest
};

struct SnapshotStore::Opened {
    SnapshotStore store;
    std::vector<std::string> refused{};  // sentences
    Index lost = 0;                      // the newest index among those that were refused
};

}  // namespace ftcore
