// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/inject/link/kinds/distribution.hpp"

namespace faultline::link {

/// Resets each connection `timeout` after the effect came to it, whether anything flows or not;
/// until then nothing passes. Removed before that, what was held goes on.
struct ResetPeerSpec {
    Duration timeout{};  // 0 to `delay_max`; 0: at once
    Ways ways{};
};
/// Errors: the timeout is outside its range.
[[nodiscard]] Result<std::shared_ptr<Effect>> make_reset_peer(ResetPeerSpec spec);

}  // namespace faultline::link
