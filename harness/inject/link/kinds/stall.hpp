// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/inject/link/effect.hpp"

namespace faultline::link {

/// Nothing moves; connections stay. Removed, what was held goes on in order.
struct StallSpec {
    /// Those who connect meanwhile are accepted, and connected on only when the effect is removed;
    /// else they are at once, and their bytes are held as well. Only where both ways are held.
    bool silent = true;
    Ways ways{};
};
[[nodiscard]] std::shared_ptr<Effect> make_stall(StallSpec spec);

}  // namespace faultline::link
