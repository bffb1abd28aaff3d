// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore {

/// One record of the log.
///
///   length 4 │ CRC32C 4 │ kind 1 │ body          little endian; length counts kind and body, the
///                                                checksum covers length, kind and body
///   entry      body = index 8, term 8, entry kind 1, data
///   truncate   body = index 8                    forget the entries from here on
///   sync_mark  body = salt 8                     all before this was synced when this was written
///
/// A length of 0 is no record: preallocated files are zero behind the last one.
enum class RecordKind : std::uint8_t { entry = 1, truncate = 2, sync_mark = 3 };

constexpr std::size_t record_header_bytes = 8;
constexpr std::size_t entry_record_bytes = record_header_bytes + 1 + 17;  // and the data
/// The most data in one entry. A length beyond it is taken for damage.
constexpr std::size_t entry_data_bytes_max = std::size_t{64} << 20;

struct Record {
    RecordKind kind = RecordKind::entry;
    Index index = 0;
    Term term = 0;
    EntryKind entry_kind = EntryKind::no_op;
    std::uint64_t salt = 0;
    std::string_view data{};  // into the bytes that were read
    std::size_t bytes = 0;    // of the whole record
};

void append_entry_record(std::string& out, const Entry& entry);
void append_truncate_record(std::string& out, Index from);
void append_sync_mark(std::string& out, std::uint64_t salt);

/// What the record at the start of `bytes` seems to be, its checksum not looked at. None: lengths
/// or kinds do not fit, or it does not end within `bytes`.
[[nodiscard]] std::optional<Record> peek_record(std::string_view bytes);
/// The same with the checksum verified.
[[nodiscard]] std::optional<Record> read_record(std::string_view bytes);
/// Requires: `record` was peeked from the start of `bytes`.
[[nodiscard]] bool checksum_matches(std::string_view bytes, const Record& record);

}  // namespace ftcore
