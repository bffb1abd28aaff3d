// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>
#include <string_view>

namespace faultline {

/// Prints the broken condition with its place and aborts. Bugs end here; operating errors are
/// `Result`s.
[[noreturn]] void check_failed(std::string_view condition,
                               std::source_location where = std::source_location::current());

}  // namespace faultline

/// Aborts when `condition` is false, in every build.
#define FL_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::faultline::check_failed(#condition))

/// `FL_CHECK_OP(<=, a, b)`: aborts unless `a <= b`.
#define FL_CHECK_OP(op, a, b) \
    (((a)op(b)) ? static_cast<void>(0) : ::faultline::check_failed(#a " " #op " " #b))
