// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline {

// Quantities in scenarios are strings with a unit; a bare number never means a time.
// Errors: each parser answers `invalid` with the text, the units it knows and an example.

/// "150ms" → 150 ms. Units: ns, us, ms, s, min, h; decimals allowed; never negative.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// "2000/s" → 2000. Shape: operations per second; also "/ms" and "/min".
[[nodiscard]] Result<double> parse_rate(std::string_view text);

/// "64KiB" → 65536. Units: B, KB, MB, GB (powers of 1000), KiB, MiB, GiB (powers of 1024).
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view text);

/// "99.5%" → 0.995, "0.995" → 0.995. Errors: outside 0 to 1.
[[nodiscard]] Result<double> parse_share(std::string_view text);

/// For people, three significant digits: "1.38 s", "412 ms", "38.2 us", "-1.2 ms".
[[nodiscard]] std::string format_duration(Duration span);

/// The exact scenario spelling, which `parse_duration` reads back: "1500ms", "2s".
[[nodiscard]] std::string spell_duration(Duration span);

/// "93.4 %", with as many digits as keep 99.99 % apart from 100 %.
[[nodiscard]] std::string format_share(double share);

/// "1,234,567".
[[nodiscard]] std::string format_count(std::uint64_t count);

/// "64 KiB".
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

}  // namespace faultline
