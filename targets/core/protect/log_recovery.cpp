// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/log_recovery.hpp"

#include <algorithm>
#include <fcntl.h>

#include <fmt/format.h>

#include "targets/core/protect/damaged_files.hpp"
#include "targets/core/protect/log_scanner.hpp"

namespace ftcore {

LogRecovery::LogRecovery(disk::Path folder, const WatermarkFile& watermark, SnapshotMark snapshot)
    : folder_(std::move(folder)), watermark_file_(watermark), snapshot_(snapshot) {}

Result<> LogRecovery::read() {
    FL_TRY(watermark_, watermark_file_.read());
    FL_TRY_VOID(find_segments());
    return read_segments();
}

Result<> LogRecovery::find_segments() {
    FL_TRY(const std::vector<std::string> names, disk::list_folder(folder_));
    for (const std::string& name : names) {
        if (const auto number = segment_number(name)) found_.push_back({.number = *number});
    }
    std::ranges::sort(found_, {}, &Found::number);
    for (Found& segment : found_) {
        const disk::Path path = path_of(segment.number);
        FL_TRY(const disk::UniqueFd fd, disk::open_file(FL_FAILPOINT("open.read"), path, O_RDONLY));
        FL_TRY(const disk::Bytes bytes, disk::read_at(0, fd.get(), 0, segment_header_bytes, path));
        const SegmentHeaderRead read = decode_segment_header(bytes.view());
        if (read.unknown_version != 0) {
            return faultline::fail(
                fmt::format("{} has format version {}: it was written by a later "
                            "version of this program; use that one",
                            path.string(),
                            read.unknown_version),
                faultline::ErrorCode::unsupported);
        }
        if (read.header && read.header->number == segment.number) segment.header = read.header;
        log_.state.next_number = segment.number + 1;
    }
    return {};
}

Result<> LogRecovery::read_segments() {
    LogScanner scanner(snapshot_);
    disk::Bytes bytes;
    for (std::size_t at = 0; at < found_.size(); ++at) {
        Found& segment = found_[at];
        const bool broken_before = scanner.broken();
        if (segment.header) {
            scanner.begin_segment(segment.header->behind);
        } else {
            scanner.lose_segment(
                fmt::format("the header of {} is damaged", segment_name(segment.number)));
        }
        // Where a segment ends is written in the next one's header; the last one's end is searched.
        const SegmentHeader* next =
            at + 1 < found_.size() && found_[at + 1].header ? &*found_[at + 1].header : nullptr;
        const bool ended = next != nullptr && next->previous_number == segment.number;
        const std::size_t synced_end = ended ? next->previous_bytes : marked_end(segment);
        const disk::Path path = path_of(segment.number);
        FL_TRY(const disk::UniqueFd fd, disk::open_file(0, path, O_RDONLY));
        FL_TRY(const std::size_t size, disk::file_bytes(fd.get(), path));
        const std::size_t end = ended ? std::min(size, synced_end) : size;
        const std::size_t record_bytes = end - std::min(end, segment_header_bytes);
        FL_TRY_VOID(disk::read_into(
            bytes, FL_FAILPOINT("open.read"), fd.get(), segment_header_bytes, record_bytes, path));
        const bool lost = scanner.broken();
        const std::size_t good = scanner.add(
            {.bytes = bytes.view(),
             .synced_bytes = synced_end - std::min(synced_end, segment_header_bytes),
             .salt = segment.header ? std::optional(segment.header->salt) : std::nullopt});
        if (at == 0) scanner.expect((found_.size() - 1) * good, good);
        if (lost) continue;
        segment.good_end = segment_header_bytes + good;
        segment.broken = scanner.broken();
        if (!broken_before) good_count_ = at + 1;
    }
    const std::uint64_t last_number = found_.empty() ? 0 : found_.back().number;
    if (watermark_ && watermark_->segment > last_number) {
        scanner.lose_segment(fmt::format("{} is gone", segment_name(watermark_->segment)));
    }
    log_.state.begin_segment = scanner.superseded() || good_count_ == 0;
    LogScan scan = scanner.finish();
    log_.entries = std::move(scan.entries);
    log_.damaged = scan.damaged;
    log_.must_reach = scan.must_reach;
    if (scan.damaged && watermark_) {
        log_.must_reach = std::max(log_.must_reach, watermark_->last_index);
    }
    if (!scan.note.empty()) log_.notes.push_back(std::move(scan.note));
    log_.state.terms = TermRuns(snapshot_);
    for (const Entry& entry : log_.entries) {
        log_.state.terms.append(entry.index, entry.term);
        log_.state.length.grow(entry.index, entry_record_bytes + entry.data.size());
    }
    return {};
}

std::size_t LogRecovery::marked_end(const Found& segment) const {
    if (!watermark_ || watermark_->segment != segment.number) return 0;
    return segment.header && segment.header->salt == watermark_->salt ? watermark_->bytes : 0;
}

Result<RecoveredLog> LogRecovery::settle() {
    FL_TRY(const std::vector<std::string> names, disk::list_folder(folder_));
    for (const std::string& name : names) {
        if (name.ends_with(".new"))
            FL_TRY_VOID(disk::remove_file(FL_FAILPOINT("wal.remove"), folder_ / name));
    }
    if (log_.damaged) FL_TRY_VOID(cut_damage());
    for (std::size_t at = 0; at < good_count_; ++at) {
        log_.state.segments.push_back({.header = *found_[at].header, .end = found_[at].good_end});
    }
    if (good_count_ > 0) FL_TRY_VOID(make_last_durable());
    // The damage has been dealt with: it must not be found missing again.
    if (good_count_ == 0 && watermark_) FL_TRY_VOID(watermark_file_.write({}));
    return std::move(log_);
}

/// Later segments first: should this be interrupted, the damage is found again.
Result<> LogRecovery::cut_damage() {
    for (std::size_t at = found_.size(); at > good_count_; --at) {
        FL_TRY_VOID(put_aside(path_of(found_[at - 1].number)));
    }
    if (good_count_ == 0 || !found_[good_count_ - 1].broken) return {};
    const disk::Path path = path_of(found_[good_count_ - 1].number);
    // The copy is for people; a full disk must not keep the node from starting.
    if (auto copied = copy_aside(path); !copied) log_.notes.push_back(copied.error().message);
    return {};
}

/// After a failed sync the kernel may hold pages that are clean and yet not on disk: a sync alone
/// would prove nothing. What is not known to have been synced is therefore written again.
Result<> LogRecovery::make_last_durable() {
    const Found& last = found_[good_count_ - 1];
    const disk::Path path = path_of(last.number);
    FL_TRY(const disk::UniqueFd fd, disk::open_file(FL_FAILPOINT("wal.open"), path, O_RDWR));
    const bool ended = good_count_ < found_.size();
    const std::size_t synced_end =
        ended ? last.good_end : std::clamp(marked_end(last), segment_header_bytes, last.good_end);
    FL_TRY(const disk::Bytes bytes,
           disk::read_at(
               FL_FAILPOINT("open.read"), fd.get(), synced_end, last.good_end - synced_end, path));
    FL_TRY_VOID(disk::cut(FL_FAILPOINT("wal.truncate"), fd.get(), last.good_end, path));
    FL_TRY_VOID(
        disk::write_at(FL_FAILPOINT("wal.write"), fd.get(), synced_end, bytes.view(), path));
    FL_TRY_VOID(disk::sync_data(FL_FAILPOINT("wal.sync"), fd.get(), path));
    return watermark_file_.write({.segment = last.number,
                                  .salt = last.header->salt,
                                  .bytes = last.good_end,
                                  .last_index = log_.state.terms.last().index});
}

}  // namespace ftcore
