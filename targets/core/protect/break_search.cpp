// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/break_search.hpp"

#include <algorithm>
#include <cstring>

#include "targets/core/protect/little_endian.hpp"
#include "targets/core/protect/record.hpp"

namespace ftcore {
namespace {

/// The smallest unit that a disk writes as a whole.
constexpr std::size_t sector_bytes = 512;

/// Checksums of false starts may read so many times the bytes searched; a value that was made to
/// look like many long records must not cost quadratic time.
constexpr std::size_t false_start_factor = 4;
constexpr std::size_t false_start_bytes_min = std::size_t{1} << 20;

class Search {
  public:
    Search(std::string_view bytes, std::size_t at, Index base, std::optional<std::uint64_t> salt)
        : bytes_(bytes),
          at_(at),
          base_(base),
          salt_(salt),
          budget_(false_start_factor * (bytes.size() - at) + false_start_bytes_min) {}

    BehindBreak run() {
        // The broken record's own length is right more often than not, and stepping over its data
        // steps over what a client may have put there.
        if (const auto broken = peek_record(bytes_.substr(at_))) {
            if (const auto next = whole_at(at_ + broken->bytes)) at_ += broken->bytes;
        }
        while (at_ + record_header_bytes < bytes_.size() && !found_.gave_up) {
            if (const auto record = whole_at(at_)) {
                take(*record);
                at_ += record->bytes;
            } else {
                ++at_;
            }
        }
        return found_;
    }

  private:
    std::optional<Record> whole_at(std::size_t position) {
        if (position + record_header_bytes >= bytes_.size()) return std::nullopt;
        const char kind = bytes_[position + record_header_bytes];
        if (kind < 1 || kind > static_cast<char>(RecordKind::sync_mark)) return std::nullopt;
        const auto record = peek_record(bytes_.substr(position));
        if (!record || !plausible(*record, position)) return std::nullopt;
        if (checksum_matches(bytes_.substr(position), *record)) return record;
        found_.gave_up = record->bytes > budget_;
        budget_ -= std::min(budget_, record->bytes);
        return std::nullopt;
    }

    bool plausible(const Record& record, std::size_t position) const {
        if (record.kind == RecordKind::sync_mark) return !salt_ || record.salt == *salt_;
        return record.index <= base_ + 1 + position / entry_record_bytes;
    }

    void take(const Record& record) {
        found_.whole = true;
        switch (record.kind) {
            case RecordKind::entry:
                found_.highest = std::max(found_.highest, record.index);
                return;
            case RecordKind::truncate:
                return;
            case RecordKind::sync_mark:
                found_.sync_mark = true;
                return;
        }
    }

    std::string_view bytes_;
    std::size_t at_;
    Index base_;
    std::optional<std::uint64_t> salt_;
    std::size_t budget_;
    BehindBreak found_{};
};

}  // namespace

BehindBreak search_behind_break(std::string_view bytes,
                                std::size_t at,
                                Index base,
                                std::optional<std::uint64_t> salt) {
    return Search(bytes, at, base, salt).run();
}

bool unwritten_within_record(std::string_view bytes, std::size_t at) {
    if (bytes.size() - at < record_header_bytes) return true;
    const std::size_t length = get_number<std::uint32_t>(bytes, at);
    if (length > entry_data_bytes_max + entry_record_bytes) return false;
    const std::size_t end = at + record_header_bytes + std::max<std::size_t>(length, 1);
    if (end > bytes.size()) return true;
    for (std::size_t start = at; start < end;) {
        const std::size_t zero = bytes.find('\0', start);
        if (zero == std::string_view::npos || zero >= end) return false;
        const std::size_t stop = std::min(bytes.find_first_not_of('\0', zero), bytes.size());
        // The sector may begin in the record before, which happens to end in zeros and is whole.
        const std::size_t begin = bytes.find_last_not_of('\0', zero) + 1;
        if (stop - begin >= sector_bytes || stop == bytes.size()) return true;
        start = stop;
    }
    return false;
}

bool only_zeros(std::string_view bytes, std::size_t at) {
    const std::string_view rest = bytes.substr(at);
    // Comparing the bytes with themselves, moved by one, runs at the speed of memory.
    return rest.empty() ||
           (rest[0] == '\0' && std::memcmp(rest.data(), rest.data() + 1, rest.size() - 1) == 0);
}

}  // namespace ftcore
