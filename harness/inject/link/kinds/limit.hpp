// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"

namespace faultline::link {

inline constexpr std::uint64_t limit_max = std::uint64_t{1} << 50;  // bytes: a pebibyte

/// Closes a connection when `bytes` have passed on one of the ways; exactly those are delivered.
struct LimitSpec {
    std::uint64_t bytes = 0;  // up to `limit_max`; 0: closed at the first byte
    Ways ways{};
};
/// Errors: the number is outside its range.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_limit(LimitSpec spec);

}  // namespace faultline::link
