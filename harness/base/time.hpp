// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace faultline {

/// All spans of time. Units: nanoseconds.
using Duration = std::chrono::nanoseconds;

/// All instants: CLOCK_MONOTONIC of this machine, which every process outside a time namespace
/// shares.
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// The instant of a raw CLOCK_MONOTONIC reading, and back. Units: nanoseconds.
[[nodiscard]] constexpr Instant instant_of(std::int64_t monotonic_ns) {
    return Instant(Duration(monotonic_ns));
}
[[nodiscard]] constexpr std::int64_t nanoseconds_of(Instant instant) {
    return instant.time_since_epoch().count();
}

/// Reads the clock; only adapters call it, logic takes `now` as an argument.
[[nodiscard]] inline Instant now() {
    return std::chrono::steady_clock::now();
}

/// A span as fractional milliseconds or seconds, for printing and arithmetic on measures.
[[nodiscard]] constexpr double milliseconds_of(Duration span) {
    return static_cast<double>(span.count()) / 1e6;
}
[[nodiscard]] constexpr double seconds_of(Duration span) {
    return static_cast<double>(span.count()) / 1e9;
}

/// The span nearest to `seconds`. Requires: |seconds| < 9.2e9.
[[nodiscard]] constexpr Duration duration_of_seconds(double seconds) {
    return Duration(static_cast<std::int64_t>(seconds * 1e9 + (seconds < 0 ? -0.5 : 0.5)));
}

}  // namespace faultline
