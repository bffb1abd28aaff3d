// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/protect/disk.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// A snapshot on disk: a header, blocks of one size (the last one may be shorter), a footer.
///
///   header   magic 8 │ CRC32C 4 │ version 4 │ index 8 │ term 8 │ block bytes 4
///   block    CRC32C 4 │ data
///   footer   magic 8 │ CRC32C 4 │ payload bytes 8 │ CRC32C of the blocks' checksums 4
///
/// Without its footer it was never finished.
constexpr std::size_t snapshot_block_bytes = std::size_t{64} << 10;

/// Writes one, under a temporary name until it is whole.
class SnapshotWriter {
  public:
    [[nodiscard]] static Result<SnapshotWriter> create(const disk::Path& temporary,
                                                       SnapshotMark mark);

    /// Errors: the temporary is of no more use.
    [[nodiscard]] Result<> append(std::string_view piece);
    /// Write, sync, rename, sync of the folder.
    [[nodiscard]] Result<> finish(const disk::Path& path);

    [[nodiscard]] SnapshotMark mark() const { return mark_; }
    [[nodiscard]] std::uint64_t payload_bytes() const { return payload_bytes_; }

  private:
    SnapshotWriter(disk::Path temporary, disk::UniqueFd fd, SnapshotMark mark);
    [[nodiscard]] Result<> write_block(std::string_view data);
    [[nodiscard]] Result<> write(std::string_view bytes);

    disk::Path temporary_;
    disk::UniqueFd fd_;
    SnapshotMark mark_;
    std::string block_{};
    std::size_t end_ = 0;
    std::size_t synced_end_ = 0;
    std::uint64_t payload_bytes_ = 0;
    std::uint32_t checksum_ = 0;
};

/// Reads one.
class SnapshotReader {
  public:
    /// Errors: not a whole snapshot of this mark (`invalid`), or it cannot be read.
    [[nodiscard]] static Result<SnapshotReader> open(const disk::Path& path, SnapshotMark mark);

    /// Up to `bytes_max` bytes from `offset` on. Errors: a block does not match its checksum.
    [[nodiscard]] Result<std::string> read(std::uint64_t offset, std::size_t bytes_max) const;
    /// Reads everything.
    [[nodiscard]] Result<> verify() const;

    [[nodiscard]] SnapshotMark mark() const { return mark_; }
    [[nodiscard]] std::uint64_t payload_bytes() const { return payload_bytes_; }

  private:
    SnapshotReader(disk::Path path, disk::UniqueFd fd, SnapshotMark mark);
    [[nodiscard]] Result<> read_ends();
    struct Block {
        disk::Bytes bytes;
        std::uint32_t checksum;
        std::string_view data;
    };
    [[nodiscard]] Result<Block> read_block(std::uint64_t number) const;

    disk::Path path_;
    disk::UniqueFd fd_;
    SnapshotMark mark_;
    std::uint64_t payload_bytes_ = 0;
    std::uint32_t checksum_ = 0;
};

}  // namespace ftcore
