// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace ftcore {

/// The checksum of log, snapshots and wire. Pieces chain: the checksum of "ab" is
/// `crc32c("b", crc32c("a"))`.
/// Source: RFC 3720, section 12.1 and appendix B.4.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace ftcore
