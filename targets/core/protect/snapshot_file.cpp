// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/snapshot_file.hpp"

#include <algorithm>
#include <fcntl.h>

#include "targets/core/protect/crc32c.hpp"
#include "targets/core/protect/little_endian.hpp"

namespace ftcore {
namespace {

using faultline::fail;

constexpr std::uint64_t snapshot_magic = 0x50414e53544c5546;  // "FULTSNAP"
constexpr std::uint64_t footer_magic = 0x444e4550414e53;      // "SNAPEND"
constexpr std::uint32_t snapshot_version = 1;
constexpr std::size_t snapshot_header_bytes = 36;
constexpr std::size_t footer_bytes = 24;
constexpr std::size_t ends_checked_at = 12;
constexpr std::size_t stored_block_bytes = 4 + snapshot_block_bytes;

/// Syncing now and then keeps the last sync short: the log's syncs wait for it.
constexpr std::size_t sync_every_bytes = std::size_t{4} << 20;

/// Header and footer alike: magic 8 │ CRC32C 4 │ what it covers.
std::string checked_end(std::uint64_t magic, std::string_view checked) {
    std::string bytes;
    put_number(bytes, magic);
    put_number(bytes, crc32c(checked));
    bytes.append(checked);
    return bytes;
}

bool end_matches(std::string_view bytes, std::size_t size, std::uint64_t magic) {
    return bytes.size() == size && get_number<std::uint64_t>(bytes, 0) == magic &&
           get_number<std::uint32_t>(bytes, 8) == crc32c(bytes.substr(ends_checked_at));
}

std::uint32_t add_checksum(std::uint32_t sum, std::uint32_t block_checksum) {
    std::string bytes;
    put_number(bytes, block_checksum);
    return crc32c(bytes, sum);
}

std::uint64_t block_count(std::uint64_t payload_bytes) {
    return (payload_bytes + snapshot_block_bytes - 1) / snapshot_block_bytes;
}

}  // namespace

SnapshotWriter::SnapshotWriter(disk::Path temporary, disk::UniqueFd fd, SnapshotMark mark)
    : temporary_(std::move(temporary)), fd_(std::move(fd)), mark_(mark) {}

Result<SnapshotWriter> SnapshotWriter::create(const disk::Path& temporary, SnapshotMark mark) {
    FL_TRY(
        disk::UniqueFd fd,
        disk::open_file(FL_FAILPOINT("snapshot.create"), temporary, O_WRONLY | O_CREAT | O_TRUNC));
    SnapshotWriter writer(temporary, std::move(fd), mark);
    std::string checked;
    put_number(checked, snapshot_version);
    put_number(checked, mark.index);
    put_number(checked, mark.term);
    put_number(checked, static_cast<std::uint32_t>(snapshot_block_bytes));
    FL_TRY_VOID(writer.write(checked_end(snapshot_magic, checked)));
    return writer;
}

Result<> SnapshotWriter::append(std::string_view piece) {
    payload_bytes_ += piece.size();
    while (!piece.empty()) {
        const std::size_t taken = std::min(piece.size(), snapshot_block_bytes - block_.size());
        block_.append(piece.substr(0, taken));
        piece.remove_prefix(taken);
        if (block_.size() < snapshot_block_bytes) break;
        FL_TRY_VOID(write_block(block_));
        block_.clear();
    }
    return {};
}

Result<> SnapshotWriter::finish(const disk::Path& path) {
    if (!block_.empty()) FL_TRY_VOID(write_block(block_));
    std::string checked;
    put_number(checked, payload_bytes_);
    put_number(checked, checksum_);
    FL_TRY_VOID(write(checked_end(footer_magic, checked)));
    FL_TRY_VOID(disk::sync_data(FL_FAILPOINT("snapshot.sync"), fd_.get(), temporary_));
    FL_TRY_VOID(disk::rename_file(FL_FAILPOINT("snapshot.rename"), temporary_, path));
    return disk::sync_folder(FL_FAILPOINT("snapshot.folder_sync"), path.parent_path());
}

Result<> SnapshotWriter::write_block(std::string_view data) {
    const std::uint32_t checksum = crc32c(data);
    checksum_ = add_checksum(checksum_, checksum);
    std::string bytes;
    bytes.reserve(stored_block_bytes);
    put_number(bytes, checksum);
    bytes.append(data);
    FL_TRY_VOID(write(bytes));
    if (end_ - synced_end_ < sync_every_bytes) return {};
    synced_end_ = end_;
    return disk::sync_data(FL_FAILPOINT("snapshot.sync"), fd_.get(), temporary_);
}

Result<> SnapshotWriter::write(std::string_view bytes) {
    FL_TRY_VOID(disk::write_at(FL_FAILPOINT("snapshot.write"), fd_.get(), end_, bytes, temporary_));
    end_ += bytes.size();
    return {};
}

SnapshotReader::SnapshotReader(disk::Path path, disk::UniqueFd fd, SnapshotMark mark)
    : path_(std::move(path)), fd_(std::move(fd)), mark_(mark) {}

Result<SnapshotReader> SnapshotReader::open(const disk::Path& path, SnapshotMark mark) {
    FL_TRY(disk::UniqueFd fd, disk::open_file(FL_FAILPOINT("snapshot.open"), path, O_RDONLY));
    SnapshotReader reader(path, std::move(fd), mark);
    FL_TRY_VOID(reader.read_ends());
    return reader;
}

Result<> SnapshotReader::read_ends() {
    FL_TRY(const std::size_t size, disk::file_bytes(fd_.get(), path_));
    FL_TRY(
        const disk::Bytes header,
        disk::read_at(FL_FAILPOINT("snapshot.read"), fd_.get(), 0, snapshot_header_bytes, path_));
    const auto refuse = [&](std::string_view why) {
        return fail(path_.string() + std::string(why), faultline::ErrorCode::invalid);
    };
    if (!end_matches(header.view(), snapshot_header_bytes, snapshot_magic)) {
        return refuse(": its header is damaged");
    }
    const std::string_view checked = header.view().substr(ends_checked_at);
    if (get_number<std::uint32_t>(checked, 0) != snapshot_version ||
        get_number<std::uint32_t>(checked, 20) != snapshot_block_bytes) {
        return fail(
            path_.string() + " was written by another version of this program; use that one",
            faultline::ErrorCode::unsupported);
    }
    const SnapshotMark mark{get_number<Index>(checked, 4), get_number<Term>(checked, 12)};
    if (mark != mark_) return refuse(": its header and its name differ");
    if (size < snapshot_header_bytes + footer_bytes) return refuse(": it is cut short");
    FL_TRY(const disk::Bytes footer,
           disk::read_at(0, fd_.get(), size - footer_bytes, footer_bytes, path_));
    if (!end_matches(footer.view(), footer_bytes, footer_magic)) {
        return refuse(": its footer is damaged");
    }
    payload_bytes_ = get_number<std::uint64_t>(footer.view(), ends_checked_at);
    checksum_ = get_number<std::uint32_t>(footer.view(), ends_checked_at + 8);
    const std::uint64_t stored = payload_bytes_ + 4 * block_count(payload_bytes_);
    if (size != snapshot_header_bytes + stored + footer_bytes) return refuse(": it is cut short");
    return {};
}

Result<SnapshotReader::Block> SnapshotReader::read_block(std::uint64_t number) const {
    const std::uint64_t left = payload_bytes_ - number * snapshot_block_bytes;
    const std::size_t size =
        4 + static_cast<std::size_t>(std::min<std::uint64_t>(left, snapshot_block_bytes));
    FL_TRY(disk::Bytes bytes,
           disk::read_at(FL_FAILPOINT("snapshot.read"),
                         fd_.get(),
                         snapshot_header_bytes + number * stored_block_bytes,
                         size,
                         path_));
    const bool whole = bytes.size == size;
    const std::string_view data = whole ? bytes.view().substr(4) : std::string_view();
    if (!whole || get_number<std::uint32_t>(bytes.view(), 0) != crc32c(data)) {
        return fail(
            path_.string() + ": block " + std::to_string(number) + " does not match its checksum",
            faultline::ErrorCode::invalid);
    }
    const std::uint32_t checksum = get_number<std::uint32_t>(bytes.view(), 0);
    return Block{std::move(bytes), checksum, data};
}

Result<std::string> SnapshotReader::read(std::uint64_t offset, std::size_t bytes_max) const {
    std::string piece;
    while (piece.size() < bytes_max && offset < payload_bytes_) {
        FL_TRY(const Block block, read_block(offset / snapshot_block_bytes));
        const auto skipped = static_cast<std::size_t>(offset % snapshot_block_bytes);
        const std::string_view part = block.data.substr(skipped, bytes_max - piece.size());
        piece.append(part);
        offset += part.size();
    }
    return piece;
}

Result<> SnapshotReader::verify() const {
    std::uint32_t sum = 0;
    for (std::uint64_t number = 0; number < block_count(payload_bytes_); ++number) {
        FL_TRY(const Block block, read_block(number));
        sum = add_checksum(sum, block.checksum);
    }
    if (sum == checksum_) return {};
    return fail(path_.string() + ": its blocks are not the ones it was finished with",
                faultline::ErrorCode::invalid);
}

}  // namespace ftcore
