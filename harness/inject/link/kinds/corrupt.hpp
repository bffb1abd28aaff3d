// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"

namespace faultline::link {

inline constexpr double flip_share_min = 1e-13;  // one bit in about a terabyte

/// Flips bits of what passes, at places that depend on the seed alone.
struct CorruptSpec {
    double share = 0;  // of bits; `flip_share_min` to 1
    Ways ways{};
};
/// Errors: the share is outside its range.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_corrupt(CorruptSpec spec);

}  // namespace faultline::link
