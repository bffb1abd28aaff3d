// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "harness/base/result.hpp"

namespace faultline {

// Documents in the store are zstd frames in base64, a text column: large objects of PostgreSQL
// outlive the rows that name them, and SQLite's blobs have another interface. The third that base64
// adds is little beside what zstd takes away.

inline constexpr std::size_t packed_bytes_max = 1U << 30;  // of one document part, unpacked

[[nodiscard]] std::string pack_document(std::string_view text);
/// Errors: damaged.
[[nodiscard]] Result<std::string> unpack_document(const std::string& packed);

}  // namespace faultline
