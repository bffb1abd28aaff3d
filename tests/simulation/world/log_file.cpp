// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/log_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "targets/core/protect/log_scanner.hpp"
#include "tests/simulation/world/draw.hpp"
#include "tests/simulation/world/hash.hpp"

namespace ftcore::simulation {
namespace {

constexpr std::uint64_t salt = 0x5a17;
constexpr std::size_t sector_bytes = 512;
constexpr std::size_t zero_tail_bytes_max = 600;

}  // namespace

void LogFile::append(const StorageWork& work, SnapshotMark last) {
    if (!work.truncate_from && work.append.empty()) return;
    const Segment& newest = segments_.back();
    if (newest.bytes.size() > segment_bytes_ && newest.synced == newest.bytes.size()) {
        segments_.push_back({.behind = last});
        write_began_ = 0;
    }
    Segment& segment = segments_.back();
    // A mark says that everything before it was synced when it was written; one per sync is enough.
    if (segment.synced > 0 && segment.synced == segment.bytes.size()) {
        append_sync_mark(segment.bytes, salt);
    }
    if (work.truncate_from) {
        append_log_records(segment.bytes, {.truncate_from = work.truncate_from});
        note_written(segment, true, {.index = *work.truncate_from});
    }
    StorageWork one;
    one.append.resize(1);
    for (const Entry& entry : work.append) {
        one.append[0] = entry;
        append_log_records(segment.bytes, one);
        note_written(segment, false, entry);
    }
}

void LogFile::note_written(Segment& segment, bool truncates, const Entry& entry) {
    segment.written.push_back(
        {segment.bytes.size(), truncates, entry.index, entry.term, hash_of(entry)});
}

void LogFile::sync() {
    Segment& segment = segments_.back();
    if (segment.bytes.size() > segment.synced) segment.marked = segment.synced;
    segment.synced = segment.bytes.size();
}

void LogFile::cut(Segment& segment, std::size_t size) {
    segment.bytes.resize(size);
    segment.synced = std::min(segment.synced, size);
    segment.marked = std::min(segment.marked, size);
    while (!segment.written.empty() && segment.written.back().end > size)
        segment.written.pop_back();
}

void LogFile::cut_to_synced() {
    cut(segments_.back(), segments_.back().synced);
}

void LogFile::begin_behind(SnapshotMark mark) {
    segments_.assign(1, {.behind = mark});
    flipped_ = false;
    write_began_ = 0;
}

void LogFile::forget_to(Index index) {
    std::size_t count = 0;
    while (count + 1 < segments_.size() && segments_[count + 1].behind.index <= index)
        ++count;
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(count));
}

void LogFile::crash(CrashKind kind, bool writing, Random& random, Counts& counts) {
    Segment& segment = segments_.back();
    const std::size_t safe = kind == CrashKind::power_loss ? segment.synced
                             : writing                     ? std::max(segment.synced, write_began_)
                                                           : segment.bytes.size();
    if (safe >= segment.bytes.size()) return;
    const std::string before = segment.bytes;
    const std::size_t unsafe = before.size() - safe;
    std::size_t kept = any_of(random, unsafe + 1);
    if (chance(random, 0.2)) kept = 0;
    if (chance(random, 0.2)) kept = unsafe;
    counts[Count::bytes_lost] += unsafe - kept;
    segment.bytes.resize(safe + kept);
    // Sectors reach the disk in any order; one that did not reads as zeros.
    const std::size_t sector = (safe / sector_bytes + 1) * sector_bytes;
    if (kind == CrashKind::power_loss && sector + sector_bytes < segment.bytes.size() &&
        chance(random, 0.3)) {
        std::fill_n(
            segment.bytes.begin() + static_cast<std::ptrdiff_t>(sector), sector_bytes, '\0');
    }
    if (chance(random, 0.3)) segment.bytes.append(any_of(random, zero_tail_bytes_max), '\0');
    // What is whole now is what is as it was; zeros may have been zeros before.
    const auto same = std::ranges::mismatch(before, segment.bytes).in1 - before.begin();
    const auto whole = static_cast<std::size_t>(same);
    while (!segment.written.empty() && segment.written.back().end > whole)
        segment.written.pop_back();
    if (whole < before.size() && (segment.written.empty() || segment.written.back().end < whole))
        ++counts[Count::torn_tails];
}

bool LogFile::flip(Random& random) {
    Segment& segment = segments_[any_of(random, segments_.size())];
    const bool followed = &segment != &segments_.back();
    const std::size_t bytes = followed ? segment.bytes.size() : segment.marked;
    if (bytes == 0) return false;
    char& byte = segment.bytes[any_of(random, bytes)];
    byte = static_cast<char>(byte ^ (1 << any_of(random, 8)));
    flipped_ = true;
    return true;
}

LogFile::Read LogFile::recover(SnapshotMark mark, bool snapshot_lost) {
    LogScanner scanner(mark);
    std::vector<std::size_t> good;
    bool broken_before = false;
    for (const Segment& segment : segments_) {
        const bool followed = &segment != &segments_.back();
        scanner.begin_segment(segment.behind);
        const std::size_t bytes = scanner.add({.bytes = segment.bytes,
                                               .synced_bytes = followed ? segment.bytes.size() : 0,
                                               .salt = salt});
        // What lies behind a break is read for the highest index only.
        if (!broken_before) good.push_back(bytes);
        broken_before = scanner.broken();
    }
    Read read;
    read.scan = scanner.finish();
    read.lie = compare(read.scan, mark, flipped_ || snapshot_lost);
    if (!read.lie.empty()) return read;
    if (read.scan.damaged) flipped_ = false;  // it is cut off now
    segments_.resize(good.size());
    for (std::size_t at = 0; at < good.size(); ++at) {
        cut(segments_[at], good[at]);
        segments_[at].synced = good[at];
        segments_[at].marked = 0;
    }
    if (read.scan.entries.empty()) begin_behind(mark);
    return read;
}

/// The entries that the whole records give, read without the codec.
std::vector<LogFile::Known> LogFile::expected(SnapshotMark mark) const {
    std::vector<Known> known;
    const auto forget_from = [&known](Index from) {
        while (!known.empty() && known.back().index >= from)
            known.pop_back();
    };
    for (const Segment& segment : segments_) {
        forget_from(segment.behind.index + 1);
        for (const Written& written : segment.written) {
            forget_from(written.index);
            if (!written.truncates) known.push_back({written.index, written.term, written.hash});
        }
    }
    const auto at_mark =
        std::ranges::find_if(known, [&](const Known& entry) { return entry.index == mark.index; });
    const bool other_history = at_mark != known.end() && at_mark->term != mark.term;
    std::erase_if(known,
                  [&](const Known& entry) { return other_history || entry.index <= mark.index; });
    return known;
}

bool LogFile::ever_written(const Entry& entry) const {
    const std::uint64_t hash = hash_of(entry);
    return std::ranges::any_of(segments_, [&](const Segment& segment) {
        return std::ranges::any_of(segment.written, [&](const Written& written) {
            return !written.truncates && written.index == entry.index && written.hash == hash;
        });
    });
}

std::string LogFile::compare(const LogScan& scan, SnapshotMark mark, bool damaged) const {
    // A flip may have been in something that nobody reads any more.
    if (scan.damaged && !damaged) return "found damage where there is none: " + scan.note;
    if (scan.damaged) {
        for (const Entry& entry : scan.entries) {
            if (!ever_written(entry))
                return fmt::format(
                    "damaged entry {} of term {} was believed", entry.index, entry.term);
        }
        return {};
    }
    const std::vector<Known> known = expected(mark);
    for (std::size_t at = 0; at < std::max(known.size(), scan.entries.size()); ++at) {
        if (at >= scan.entries.size()) {
            return fmt::format("the log holds entry {} of term {}, reading ends before it ({})",
                               known[at].index,
                               known[at].term,
                               scan.note);
        }
        const Entry& entry = scan.entries[at];
        if (at >= known.size())
            return fmt::format(
                "entry {} of term {} was read and is not there", entry.index, entry.term);
        if (hash_of(entry) != known[at].hash)
            return fmt::format(
                "entry {} of term {} was read as another one", entry.index, entry.term);
    }
    return {};
}

std::size_t LogFile::bytes() const {
    std::size_t sum = 0;
    for (const Segment& segment : segments_)
        sum += segment.bytes.size();
    return sum;
}

}  // namespace ftcore::simulation
