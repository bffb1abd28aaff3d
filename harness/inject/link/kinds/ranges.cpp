// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/ranges.hpp"

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace faultline::link {
namespace {

tl::unexpected<Error> outside(std::string_view name,
                              const std::string& value,
                              const std::string& least,
                              const std::string& most) {
    return fail(fmt::format("\"{}\" is {}, it must be between {} and {}", name, value, least, most),
                ErrorCode::invalid);
}

}  // namespace

Result<> check_range(Duration value, const Range<Duration>& range) {
    if (value >= range.least && value <= range.most) return {};
    return outside(
        range.name, spell_duration(value), spell_duration(range.least), spell_duration(range.most));
}

Result<> check_bytes(std::uint64_t bytes, const Range<std::uint64_t>& range) {
    if (bytes >= range.least && bytes <= range.most) return {};
    return outside(
        range.name, format_bytes(bytes), format_bytes(range.least), format_bytes(range.most));
}

Result<> check_number(double value, const Range<double>& range) {
    if (value >= range.least && value <= range.most) return {};  // not a number fails too
    return outside(range.name,
                   fmt::format("{}", value),
                   fmt::format("{}", range.least),
                   fmt::format("{}", range.most));
}

std::uint64_t bytes_of(const Parameters& parameters, const char* name) {
    return static_cast<std::uint64_t>(parameters.get<std::int64_t>(name));
}

}  // namespace faultline::link
