// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/scenario/parameter.hpp"

namespace faultline::link {

/// A range that a value must lie in, both ends included, and what the value is called.
template <class T>
struct Range {
    std::string_view name;
    T least;
    T most;
};

// Errors: `invalid`, with the value and the range.
[[nodiscard]] Result<> check_range(Duration value, const Range<Duration>& range);
[[nodiscard]] Result<> check_bytes(std::uint64_t bytes, const Range<std::uint64_t>& range);
[[nodiscard]] Result<> check_number(double value, const Range<double>& range);

/// A size in bytes from a parameter; what is negative comes out as more than any range has.
[[nodiscard]] std::uint64_t bytes_of(const Parameters& parameters, const char* name);

/// A bound of a duration as parameter tables have it. Units: nanoseconds.
[[nodiscard]] constexpr double bound_of(Duration span) {
    return static_cast<double>(span.count());
}

}  // namespace faultline::link
