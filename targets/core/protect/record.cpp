// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/record.hpp"

#include "harness/base/check.hpp"
#include "targets/core/protect/crc32c.hpp"
#include "targets/core/protect/little_endian.hpp"

namespace ftcore {
namespace {

constexpr std::size_t kind_at = record_header_bytes;
constexpr std::size_t body_at = kind_at + 1;
constexpr std::size_t entry_body_bytes = 17;
constexpr std::size_t number_body_bytes = 8;

/// Writes a record whose body is `fixed` and then `data`, without a copy in between.
void append_record(std::string& out,
                   RecordKind kind,
                   std::string_view fixed,
                   std::string_view data) {
    const std::size_t start = out.size();
    put_number(out, static_cast<std::uint32_t>(1 + fixed.size() + data.size()));
    put_number(out, std::uint32_t{0});
    out.push_back(static_cast<char>(kind));
    out.append(fixed).append(data);
    const std::string_view record = std::string_view(out).substr(start);
    std::string checksum;
    put_number(checksum, crc32c(record.substr(kind_at), crc32c(record.substr(0, 4))));
    out.replace(start + 4, checksum.size(), checksum);
}

void append_number_record(std::string& out, RecordKind kind, std::uint64_t number) {
    std::string body;
    put_number(body, number);
    append_record(out, kind, body, {});
}

}  // namespace

void append_entry_record(std::string& out, const Entry& entry) {
    FL_CHECK_OP(<=, entry.data.size(), entry_data_bytes_max);
    std::string fixed;
    put_number(fixed, entry.index);
    put_number(fixed, entry.term);
    fixed.push_back(static_cast<char>(entry.kind));
    append_record(out, RecordKind::entry, fixed, entry.data);
}

void append_truncate_record(std::string& out, Index from) {
    append_number_record(out, RecordKind::truncate, from);
}

void append_sync_mark(std::string& out, std::uint64_t salt) {
    append_number_record(out, RecordKind::sync_mark, salt);
}

std::optional<Record> peek_record(std::string_view bytes) {
    if (bytes.size() < body_at + number_body_bytes) return std::nullopt;
    const std::size_t length = get_number<std::uint32_t>(bytes, 0);
    if (length < 1 || length > bytes.size() - record_header_bytes) return std::nullopt;
    Record record;
    record.bytes = record_header_bytes + length;
    const std::size_t body_bytes = length - 1;
    switch (static_cast<unsigned char>(bytes[kind_at])) {
        case static_cast<unsigned char>(RecordKind::entry): {
            if (body_bytes < entry_body_bytes) return std::nullopt;
            if (body_bytes - entry_body_bytes > entry_data_bytes_max) return std::nullopt;
            const auto kind = static_cast<unsigned char>(bytes[body_at + 16]);
            if (kind > static_cast<unsigned char>(EntryKind::command)) return std::nullopt;
            record.kind = RecordKind::entry;
            record.index = get_number<Index>(bytes, body_at);
            record.term = get_number<Term>(bytes, body_at + 8);
            record.entry_kind = static_cast<EntryKind>(kind);
            record.data = bytes.substr(body_at + entry_body_bytes, body_bytes - entry_body_bytes);
            if (record.index == 0) return std::nullopt;
            return record;
        }
        case static_cast<unsigned char>(RecordKind::truncate):
            record.kind = RecordKind::truncate;
            record.index = get_number<Index>(bytes, body_at);
            if (body_bytes != number_body_bytes || record.index == 0) return std::nullopt;
            return record;
        case static_cast<unsigned char>(RecordKind::sync_mark):
            record.kind = RecordKind::sync_mark;
            record.salt = get_number<std::uint64_t>(bytes, body_at);
            if (body_bytes != number_body_bytes) return std::nullopt;
            return record;
        default:  // a byte from disk can be anything
            return std::nullopt;
    }
}

bool checksum_matches(std::string_view bytes, const Record& record) {
    const auto stored = get_number<std::uint32_t>(bytes, 4);
    return stored ==
           crc32c(bytes.substr(kind_at, record.bytes - kind_at), crc32c(bytes.substr(0, 4)));
}

std::optional<Record> read_record(std::string_view bytes) {
    std::optional<Record> record = peek_record(bytes);
    if (record && !checksum_matches(bytes, *record)) record.reset();
    return record;
}

}  // namespace ftcore
