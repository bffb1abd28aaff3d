// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/snapshot_store.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "targets/core/protect/damaged_files.hpp"

namespace ftcore {
namespace {

constexpr std::size_t snapshots_kept = 2;
constexpr std::string_view snapshot_suffix = ".snap";
constexpr std::string_view saving_name = "saving.new";
constexpr std::string_view receiving_name = "receiving.new";

/// "<index>-<term>.snap"
std::optional<SnapshotMark> mark_of(std::string_view name) {
    if (!name.ends_with(snapshot_suffix)) return std::nullopt;
    const char* const end = name.data() + name.size() - snapshot_suffix.size();
    SnapshotMark mark;
    const auto index = std::from_chars(name.data(), end, mark.index);
    if (index.ec != std::errc() || index.ptr == end || *index.ptr != '-') return std::nullopt;
    const auto term = std::from_chars(index.ptr + 1, end, mark.term);
    if (term.ec != std::errc() || term.ptr != end || mark.index == 0) return std::nullopt;
    return mark;
}

Result<> verify_snapshot(const disk::Path& path, SnapshotMark mark) {
    FL_TRY(const SnapshotReader reader, SnapshotReader::open(path, mark));
    return reader.verify();
}

}  // namespace

disk::Path SnapshotStore::path_of(const disk::Path& folder, SnapshotMark mark) {
    return folder / fmt::format("{:012}-{}{}", mark.index, mark.term, snapshot_suffix);
}

Result<SnapshotStore::Opened> SnapshotStore::open(disk::Path folder) {
    FL_TRY_VOID(faultline::make_folder(folder));
    FL_TRY(const std::vector<std::string> names, disk::list_folder(folder));
    Opened opened{.store = SnapshotStore(std::move(folder))};
    SnapshotStore& store = opened.store;
    for (const std::string& name : names) {
        if (name.ends_with(".new"))
            FL_TRY_VOID(disk::remove_file(FL_FAILPOINT("snapshot.remove"), store.folder_ / name));
        if (const auto mark = mark_of(name)) store.marks_.push_back(*mark);
    }
    std::ranges::sort(store.marks_, {}, &SnapshotMark::index);
    while (!store.marks_.empty()) {
        const disk::Path path = path_of(store.folder_, store.newest());
        auto verified = verify_snapshot(path, store.newest());
        if (verified) break;
        // What cannot be read right now may be whole: only what is surely damaged is put aside.
        if (verified.error().code != faultline::ErrorCode::invalid) {
            return tl::unexpected(std::move(verified).error());
        }
        FL_TRY_VOID(put_aside(path));
        opened.refused.push_back(verified.error().message);
        opened.lost = std::max(opened.lost, store.newest().index);
        store.marks_.pop_back();
    }
    return opened;
}

Result<bool> SnapshotStore::save(SnapshotMark mark, std::string_view piece, bool last) {
    if (passed_over_ == mark) {
        if (last) passed_over_.reset();
        return false;
    }
    passed_over_.reset();
    auto saved = add_piece(mark, piece, last);
    if (!saved || last) saving_.reset();
    if (!saved && !last) passed_over_ = mark;
    return saved;
}

Result<bool> SnapshotStore::add_piece(SnapshotMark mark, std::string_view piece, bool last) {
    if (mark.index <= newest().index) {
        return faultline::fail(
            fmt::format("a snapshot up to index {} is there already", newest().index));
    }
    if (!saving_ || saving_->mark() != mark) {
        FL_TRY(saving_, SnapshotWriter::create(folder_ / saving_name, mark));
    }
    FL_TRY_VOID(saving_->append(piece));
    if (!last) return false;
    FL_TRY_VOID(saving_->finish(path_of(folder_, mark)));
    count(mark);
    return true;
}

void SnapshotStore::abandon() {
    saving_.reset();
    passed_over_.reset();
}

/// From now on it is the newest.
void SnapshotStore::count(SnapshotMark mark) {
    reader_.reset();
    marks_.push_back(mark);
    while (marks_.size() > snapshots_kept) {
        // One that cannot be removed now goes with the next.
        if (!disk::remove_file(FL_FAILPOINT("snapshot.remove"), path_of(folder_, marks_.front())))
            break;
        marks_.erase(marks_.begin());
    }
}

Result<bool> SnapshotStore::receive(const SnapshotChunk& chunk) {
    if (chunk.mark.index == 0) return chunk.last;
    if (chunk.offset == 0) {
        receiving_.reset();
        FL_TRY(receiving_, SnapshotWriter::create(folder_ / receiving_name, chunk.mark));
    }
    if (!receiving_ || receiving_->mark() != chunk.mark ||
        receiving_->payload_bytes() != chunk.offset) {
        receiving_.reset();
        return faultline::fail(fmt::format(
            "a piece of the snapshot up to index {} at byte {} does not continue what was received",
            chunk.mark.index,
            chunk.offset));
    }
    SnapshotWriter& writer = *receiving_;
    FL_TRY_VOID(writer.append(chunk.data));
    if (!chunk.last) return false;
    FL_TRY_VOID(writer.finish(path_of(folder_, chunk.mark)));
    receiving_.reset();
    received_ = chunk.mark;
    return true;
}

Result<> SnapshotStore::install_received(SnapshotMark mark) {
    received_.reset();
    reader_.reset();
    if (saving_) given_up_ = passed_over_ = saving_->mark();
    saving_.reset();
    bool removed = false;
    // The newest last: until it is gone, a crash leaves what was there.
    for (auto at = marks_.begin(); at != marks_.end();) {
        if (at->index < mark.index) {
            ++at;
            continue;
        }
        if (*at != mark) {
            FL_TRY_VOID(disk::remove_file(FL_FAILPOINT("snapshot.remove"), path_of(folder_, *at)));
            removed = true;
        }
        at = marks_.erase(at);
    }
    if (removed) FL_TRY_VOID(disk::sync_folder(FL_FAILPOINT("snapshot.folder_sync"), folder_));
    if (mark.index > 0) count(mark);
    return {};
}

Result<> SnapshotStore::abandon_received() {
    receiving_.reset();
    const auto whole = std::exchange(received_, {});
    const bool counts = whole && std::ranges::find(marks_, *whole) != marks_.end();
    if (!whole || counts) return {};
    return disk::remove_file(FL_FAILPOINT("snapshot.remove"), path_of(folder_, *whole));
}

Result<SnapshotChunk> SnapshotStore::read(std::uint64_t offset, std::size_t bytes_max) {
    if (marks_.empty()) return SnapshotChunk{};
    if (!reader_) {
        FL_TRY(reader_, SnapshotReader::open(path_of(folder_, newest()), newest()));
    }
    SnapshotChunk chunk{.mark = newest(), .offset = offset};
    FL_TRY(chunk.data, reader_->read(offset, bytes_max));
    chunk.last = offset + chunk.data.size() >= reader_->payload_bytes();
    return chunk;
}

}  // namespace ftcore
