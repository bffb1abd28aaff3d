// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/kinds/distribution.hpp"

namespace faultline::link {

inline constexpr std::uint64_t slice_max = 1U << 30;  // bytes

/// Cuts the stream into slices of average - variation to average + variation bytes, and lets
/// `delay` pass between one and the next. Where it cuts depends on the byte's place in the stream
/// alone, not on how the bytes were read.
struct SliceSpec {
    std::uint64_t average = 0;    // bytes, 1 to `slice_max`
    std::uint64_t variation = 0;  // bytes, below average
    Duration delay{};             // 0 to `delay_max`
    Ways ways{};
};
/// Errors: what is outside its range.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_slice(SliceSpec spec);

}  // namespace faultline::link
