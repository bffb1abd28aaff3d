// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore {

/// A segment of the log: a header of one page, then records (record.hpp), then zeros up to the size
/// that was reserved.
///
///   magic 8 │ CRC32C 4 │ version 4 │ number 8 │ behind: index 8, term 8 │ previous: number 8,
///   bytes 8 │ salt 8 │ zeros                    little endian; the checksum covers what follows it
///
/// Every later version keeps magic, checksum and version where they are.
constexpr std::size_t segment_header_bytes = 4096;

struct SegmentHeader {
    std::uint64_t number = 0;
    SnapshotMark behind{};  // the entry that the first record follows; later entries of earlier
                            // segments are forgotten
    std::uint64_t previous_number = 0;  // 0: none
    std::size_t previous_bytes = 0;     // all of that segment that counts, header included; synced
    std::uint64_t salt = 0;             // of its sync marks
};

[[nodiscard]] std::string encode_segment_header(const SegmentHeader& header);

struct SegmentHeaderRead {
    std::optional<SegmentHeader> header{};  // none: damaged
    std::uint32_t unknown_version = 0;      // whole, but written by a later program
};
[[nodiscard]] SegmentHeaderRead decode_segment_header(std::string_view bytes);

/// "000000000042.wal": segments are numbered in the order of writing, because after a truncation a
/// later segment may begin at an earlier index.
[[nodiscard]] std::string segment_name(std::uint64_t number);
/// None: not the name of a segment.
[[nodiscard]] std::optional<std::uint64_t> segment_number(std::string_view name);

}  // namespace ftcore
