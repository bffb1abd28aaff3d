// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/timeline/operation.hpp"

namespace faultline {

// The operations of one trial on disk, operations.zst. One zstd frame (RFC 8878) with a checksum,
// so `zstd -dc` shows the content; all integers are little-endian:
//
//   magic     8 bytes   operations_magic
//   version   u32       operations_version
//   kinds     u32       how many operation kinds; for each: u16 length, that many bytes of name
//   count     u64       how many operations follow
//   blocks              of operations_block_rows operations (the last one of what is left), each
//                       column after column, because like stands next to like and compresses:
//     intended  i64     difference to the intended start of the operation before (of the first: to
//     0) took      i64     end minus intended start; of one still in flight: minus the intended
//     start lag_us    u32 key       u32 version   u32 kind, outcome, failure, endpoint   u8 each
//
// Writer and reader hold one block at a time, so ten million operations need no second copy.

inline constexpr std::array<char, 8> operations_magic{'F', 'L', 'O', 'P', 'S', '\r', '\n', '\0'};
inline constexpr std::uint32_t operations_version = 1;
inline constexpr std::size_t operations_block_rows = 8192;
inline constexpr int operations_zstd_level = 1;          // 10 million operations in about a second
inline constexpr std::size_t operation_kinds_max = 256;  // Operation::kind is a byte

/// Writes the file anew; one that is there is replaced only when the new one is complete.
/// Errors: with the path; `no_space`, `permission`.
[[nodiscard]] Result<> write_operations(const std::filesystem::path& path,
                                        const std::vector<std::string>& kinds,
                                        const OperationLog& operations);

struct OperationsRead {
    std::vector<std::string> kinds;
    OperationLog operations;
};

/// Errors: not such a file, another version, cut short, damaged (zstd's checksum).
[[nodiscard]] Result<OperationsRead> read_operations(const std::filesystem::path& path);

}  // namespace faultline
