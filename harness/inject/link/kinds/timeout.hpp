// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/kinds/distribution.hpp"

namespace faultline::link {

/// Nothing passes: what comes is thrown away. Each connection is closed `timeout` after the effect
/// came to it, busy or not, and at the latest when the effect is removed, for bytes are missing.
struct TimeoutSpec {
    Duration timeout{};  // 0 to `delay_max`; 0: only when it is removed
    Ways ways{};
};
/// Errors: the timeout is outside its range.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_timeout(TimeoutSpec spec);

}  // namespace faultline::link
