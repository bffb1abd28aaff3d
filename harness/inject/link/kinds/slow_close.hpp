// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/kinds/distribution.hpp"

namespace faultline::link {

/// Delays the end of the stream; what comes before it passes as it is.
struct SlowCloseSpec {
    Duration delay{};  // 0 to `delay_max`
    Ways ways{};
};
/// Errors: the delay is outside its range.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_slow_close(SlowCloseSpec spec);

}  // namespace faultline::link
