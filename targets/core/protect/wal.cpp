// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/wal.hpp"

#include <algorithm>
#include <fcntl.h>

#include "harness/base/check.hpp"
#include "harness/base/random.hpp"
#include "targets/core/protect/record.hpp"

namespace ftcore {
namespace {

constexpr std::size_t mark_bytes = record_header_bytes + 1 + 8;

}  // namespace

WriteAheadLog::WriteAheadLog(disk::Path folder,
                             std::size_t segment_bytes,
                             WatermarkFile watermark,
                             LogState state)
    : folder_(std::move(folder)),
      segment_bytes_(std::max(segment_bytes, 2 * segment_header_bytes)),
      watermark_(std::move(watermark)),
      segments_(std::move(state.segments)),
      next_number_(state.next_number),
      terms_(std::move(state.terms)),
      begin_segment_(state.begin_segment || segments_.empty()),
      synced_end_(segments_.empty() ? 0 : segments_.back().end),
      synced_last_(terms_.last()),
      buffer_behind_(terms_.last()),
      length_(std::move(state.length)) {
    buffer_.assign(mark_bytes, '\0');
}

void WriteAheadLog::add(const StorageWork& work) {
    if (added_bytes() == 0) buffer_behind_ = terms_.last();
    if (work.truncate_from && *work.truncate_from <= terms_.last().index) {
        append_truncate_record(buffer_, *work.truncate_from);
        terms_.truncate_from(*work.truncate_from);
    }
    for (const Entry& entry : work.append)
        append_entry(entry);
}

void WriteAheadLog::append_entry(const Entry& entry) {
    if (entry.index <= terms_.last().index) {
        append_truncate_record(buffer_, entry.index);
        terms_.truncate_from(entry.index);
    }
    append_entry_record(buffer_, entry);
    terms_.append(entry.index, entry.term);
}

std::size_t WriteAheadLog::added_bytes() const {
    return buffer_.size() - mark_bytes;
}

bool WriteAheadLog::dirty() const {
    return !segments_.empty() && synced_end_ < segments_.back().end;
}

Result<> WriteAheadLog::write() {
    if (added_bytes() == 0) return {};
    const bool full = !segments_.empty() && segments_.back().end > segment_header_bytes &&
                      segments_.back().end + buffer_.size() > segment_bytes_;
    if (begin_segment_ || full) {
        FL_TRY_VOID(sync());
        FL_TRY_VOID(begin_segment(buffer_behind_));
    } else if (!open_) {
        FL_TRY_VOID(open_segment());
    }
    return write_buffer();
}

Result<> WriteAheadLog::write_buffer() {
    LogSegment& segment = segments_.back();
    std::string_view bytes = std::string_view(buffer_).substr(mark_bytes);
    if (segment.end == synced_end_) {
        std::string mark;
        append_sync_mark(mark, segment.header.salt);
        buffer_.replace(0, mark_bytes, mark);
        bytes = buffer_;
    }
    auto written =
        disk::write_at(FL_FAILPOINT("wal.write"), open_->fd.get(), segment.end, bytes, open_->path);
    if (!written) {
        // What got through must not be taken for a record one day. If even this fails, it is behind
        // the end that the next header will name.
        const auto cut =
            disk::cut(FL_FAILPOINT("wal.truncate"), open_->fd.get(), segment.end, open_->path);
        if (!cut) written.error().message += "; " + cut.error().message;
        return written;
    }
    segment.end += bytes.size();
    length_.grow(terms_.last().index, bytes.size());
    buffer_.resize(mark_bytes);
    return {};
}

Result<> WriteAheadLog::sync() {
    if (!dirty()) return {};
    FL_TRY_VOID(disk::sync_data(FL_FAILPOINT("wal.sync"), open_->fd.get(), open_->path));
    const LogSegment& segment = segments_.back();
    synced_end_ = segment.end;
    synced_last_ = added_bytes() == 0 ? terms_.last() : buffer_behind_;
    return watermark_.write({.segment = segment.header.number,
                             .salt = segment.header.salt,
                             .bytes = segment.end,
                             .last_index = synced_last_.index});
}

disk::Path WriteAheadLog::path_of(const LogSegment& segment) const {
    return folder_ / segment_name(segment.header.number);
}

Result<> WriteAheadLog::open_segment() {
    const disk::Path path = path_of(segments_.back());
    FL_TRY(disk::UniqueFd fd, disk::open_file(FL_FAILPOINT("wal.open"), path, O_RDWR));
    FL_TRY_VOID(disk::preallocate(FL_FAILPOINT("wal.preallocate"), fd.get(), segment_bytes_, path));
    open_ = Open{path, std::move(fd)};
    return {};
}

/// The header is on disk before the segment has its name: a segment with a broken header is damage.
Result<> WriteAheadLog::begin_segment(SnapshotMark behind) {
    LogSegment segment{
        .header = {.number = next_number_, .behind = behind, .salt = faultline::fresh_seed()}};
    if (!segments_.empty()) {
        segment.header.previous_number = segments_.back().header.number;
        segment.header.previous_bytes = synced_end_;
    }
    const disk::Path path = path_of(segment);
    const disk::Path temporary = path.string() + ".new";
    FL_TRY(disk::UniqueFd fd,
           disk::open_file(FL_FAILPOINT("wal.create"), temporary, O_RDWR | O_CREAT | O_TRUNC));
    FL_TRY_VOID(
        disk::preallocate(FL_FAILPOINT("wal.preallocate"), fd.get(), segment_bytes_, temporary));
    FL_TRY_VOID(disk::write_at(
        FL_FAILPOINT("wal.write"), fd.get(), 0, encode_segment_header(segment.header), temporary));
    FL_TRY_VOID(disk::sync_data(FL_FAILPOINT("wal.sync"), fd.get(), temporary));
    FL_TRY_VOID(disk::rename_file(FL_FAILPOINT("wal.rename"), temporary, path));
    FL_TRY_VOID(disk::sync_folder(FL_FAILPOINT("log.folder_sync"), folder_));
    if (open_) {
        // What was reserved for the last one and not used goes back. Should that fail it only costs
        // space: where it ends stands in the new header.
        (void)disk::cut(FL_FAILPOINT("wal.truncate"), open_->fd.get(), synced_end_, open_->path);
        segments_.back().end = synced_end_;
    }
    ++next_number_;
    synced_end_ = segment.end;
    segments_.push_back(segment);
    open_ = Open{path, std::move(fd)};
    begin_segment_ = false;
    return {};
}

Result<> WriteAheadLog::begin_behind(SnapshotMark mark) {
    FL_TRY_VOID(begin_segment(mark));
    terms_ = TermRuns(mark);
    synced_last_ = buffer_behind_ = mark;
    length_.clear();
    // The newest first: what a crash leaves must always be a beginning of the old log.
    while (segments_.size() > 1) {
        const auto old = segments_.end() - 2;
        FL_TRY_VOID(disk::remove_file(FL_FAILPOINT("wal.remove"), path_of(*old)));
        segments_.erase(old);
    }
    return disk::sync_folder(FL_FAILPOINT("log.folder_sync"), folder_);
}

void WriteAheadLog::forget_to(Index index) {
    while (segments_.size() > 1 && segments_[1].header.behind.index <= index) {
        if (!disk::remove_file(FL_FAILPOINT("wal.remove"), path_of(segments_.front()))) return;
        segments_.erase(segments_.begin());
    }
}

Result<> WriteAheadLog::repair(const std::vector<Entry>& unsynced) {
    SnapshotMark behind =
        std::min(terms_.last(), synced_last_, [](SnapshotMark one, SnapshotMark other) {
            return one.index < other.index;
        });
    if (!unsynced.empty()) {
        const Index index = unsynced.front().index - 1;
        if (index > std::max(terms_.last().index, synced_last_.index)) {
            return faultline::fail("the entries between index " +
                                   std::to_string(terms_.last().index) + " and " +
                                   std::to_string(index) + " are missing");
        }
        behind = {
            index,
            terms_.term_at(index).value_or(synced_last_.index == index ? synced_last_.term : 0)};
    }
    FL_TRY_VOID(begin_segment(behind));
    terms_.truncate_from(behind.index + 1);
    buffer_.resize(mark_bytes);
    buffer_behind_ = synced_last_ = behind;
    for (const Entry& entry : unsynced)
        append_entry(entry);
    if (!unsynced.empty()) FL_TRY_VOID(write_buffer());
    return sync();
}

}  // namespace ftcore
