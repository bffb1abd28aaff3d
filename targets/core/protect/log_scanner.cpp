// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/log_scanner.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "targets/core/failover/mutation.hpp"
#include "targets/core/protect/break_search.hpp"
#include "targets/core/protect/little_endian.hpp"

namespace ftcore {

LogScanner::LogScanner(SnapshotMark behind) : behind_(behind) {}

std::size_t LogScanner::add(const Stretch& stretch) {
    if (broken()) {
        const BehindBreak rest = search_behind_break(stretch.bytes, 0, plausible_, stretch.salt);
        scan_.must_reach = std::max(scan_.must_reach, rest.highest);
        return 0;
    }
    std::size_t at = 0;
    while (at < stretch.bytes.size()) {
        const auto record = read_record(stretch.bytes.substr(at));
        if (!record || !accept(*record)) return break_at(stretch, at, record.has_value());
        at += record->bytes;
    }
    if (at < stretch.synced_bytes) {
        damage(fmt::format("the log ends at byte {} behind index {}, but {} bytes had been synced",
                           at,
                           last_.index,
                           stretch.synced_bytes));
    }
    return at;
}

bool LogScanner::accept(const Record& record) {
    switch (record.kind) {
        case RecordKind::entry:
            return accept_entry(record);
        case RecordKind::truncate: {
            const Index end = started_ ? std::max(last_.index, behind_.index) : behind_.index;
            if (record.index > end + 1) return false;
            forget_from(record.index);
            return true;
        }
        case RecordKind::sync_mark:
            return true;
    }
    return false;
}

bool LogScanner::accept_entry(const Record& record) {
    const bool follows =
        started_ ? record.index == last_.index + 1 : record.index <= behind_.index + 1;
    // The snapshot stands in for entries that were never here.
    const bool follows_snapshot =
        record.index == behind_.index + 1 && (!started_ || last_.index < behind_.index);
    if (!follows && !follows_snapshot) return false;
    if (record.index == behind_.index) other_history_ = record.term != behind_.term;
    if (record.index > behind_.index) {
        scan_.entries.push_back(
            {record.index, record.term, record.entry_kind, std::string(record.data)});
    }
    last_ = {record.index, record.term};
    started_ = true;
    return true;
}

void LogScanner::forget_from(Index from) {
    const Index kept = from - 1;
    if (from <= behind_.index) other_history_ = false;
    const std::size_t count = kept > behind_.index ? kept - behind_.index : 0;
    if (count < scan_.entries.size()) scan_.entries.resize(count);
    const bool known = !scan_.entries.empty() && scan_.entries.back().index == kept;
    const Term term = known ? scan_.entries.back().term : 0;
    last_ = {kept, kept == behind_.index ? behind_.term : term};
    started_ = true;
}

void LogScanner::begin_segment(SnapshotMark behind) {
    if (broken()) {
        // A segment is only begun when the one before it has been synced.
        if (!scan_.damaged) damage(scan_.note + "; a later segment was begun");
        scan_.must_reach = std::max(scan_.must_reach, behind.index);
        plausible_ = std::max(plausible_, behind.index);
        return;
    }
    if (behind.index <= behind_.index) {
        forget_from(behind.index + 1);
        if (behind.index > 0 && behind.index == behind_.index) {
            other_history_ = behind.term != behind_.term;
        }
        last_ = behind;
        return;
    }
    const Index first = behind_.index + 1;
    const bool there = started_ && behind.index <= last_.index && !scan_.entries.empty();
    if (!there || scan_.entries[behind.index - first].term != behind.term) {
        plausible_ = behind.index;
        damage(fmt::format("the log ends behind index {}, but goes on behind index {} of term {}",
                           started_ ? last_.index : behind_.index,
                           behind.index,
                           behind.term));
        scan_.must_reach = std::max(scan_.must_reach, behind.index);
        return;
    }
    forget_from(behind.index + 1);
}

void LogScanner::expect(std::size_t bytes, std::size_t bytes_read) {
    const std::size_t more =
        bytes_read == 0 ? 0 : bytes / (bytes_read / (scan_.entries.size() + 1) + 1);
    // A tenth above, since moving all entries once more costs more than a little room.
    scan_.entries.reserve(scan_.entries.size() + more + more / 10);
}

void LogScanner::lose_segment(std::string note) {
    plausible_ = std::max({plausible_, last_.index, behind_.index});
    if (!scan_.damaged) damage(std::move(note));
}

std::size_t LogScanner::break_at(const Stretch& stretch, std::size_t at, bool whole) {
    const bool synced = at < stretch.synced_bytes;
    if (only_zeros(stretch.bytes, at)) {
        if (synced) {
            damage(
                fmt::format("the log ends at byte {} behind index {}, but {} bytes had been synced",
                            at,
                            last_.index,
                            stretch.synced_bytes));
        }
        return at;
    }
    plausible_ = std::max(last_.index, behind_.index);
    if (whole) {
        const auto record = peek_record(stretch.bytes.substr(at));
        if (record && record->kind == RecordKind::entry) {
            plausible_ = std::max(plausible_, record->index);
            scan_.must_reach = std::max(scan_.must_reach, record->index);
        }
    }
    const BehindBreak rest = search_behind_break(stretch.bytes, at, plausible_, stretch.salt);
    const std::size_t bytes = stretch.bytes.find_last_not_of('\0') + 1 - at;
    const std::string where =
        fmt::format("byte {} behind index {}, {} bytes", at, last_.index, bytes);
    // Without sync marks everything behind a break speaks for damage; with them, what was written
    // together with the broken record does not.
    const bool in_parts =
        stretch.salt && !rest.sync_mark && unwritten_within_record(stretch.bytes, at);
    const bool something_behind = (rest.whole || rest.gave_up) && !in_parts;
    if (synced || whole || something_behind) {
        scan_.must_reach = std::max(scan_.must_reach, rest.highest);
        damage(fmt::format("a damaged record at {}: {}",
                           where,
                           synced  ? "it had been synced"
                           : whole ? "it does not continue the log"
                                   : "something behind it is whole"));
        return at;
    }
    scan_.torn = true;
    scan_.note = fmt::format("a torn tail at {}", where);
    return mutated(Mutation::skip_torn_tail_check) ? accept_torn_entry(stretch, at) : at;
}

/// The deliberate bug: believes the last record without its checksum, as far as there are bytes.
std::size_t LogScanner::accept_torn_entry(const Stretch& stretch, std::size_t at) {
    const std::string_view rest = stretch.bytes.substr(at);
    if (rest.size() < entry_record_bytes) return at;
    const std::size_t length = get_number<std::uint32_t>(rest, 0);
    const std::size_t there = std::min(length, rest.size() - record_header_bytes);
    std::string whole;
    put_number(whole, static_cast<std::uint32_t>(there));
    whole.append(rest.substr(4, 4 + there));
    const auto record = peek_record(whole);
    if (!record || !accept(*record)) return at;
    return at + record->bytes;
}

void LogScanner::damage(std::string note) {
    scan_.torn = false;
    scan_.damaged = true;
    scan_.note = std::move(note);
}

LogScan LogScanner::finish() {
    if (other_history_) scan_.entries.clear();
    if (scan_.damaged) {
        // At least the damaged record was there. What is left may also be entries whose truncation
        // was lost; beyond the last of them only a leader's entries can lead.
        const Index last = scan_.entries.empty() ? behind_.index : scan_.entries.back().index;
        scan_.must_reach = std::max({scan_.must_reach, last + 1, last_.index + 1});
    }
    return std::move(scan_);
}

}  // namespace ftcore
