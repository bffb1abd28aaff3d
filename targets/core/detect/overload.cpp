// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/overload.hpp"

namespace ftcore {

OverloadDetector::OverloadDetector(OverloadSettings settings)
    : settings_(settings),
      state_({.on_after = settings.on_after, .off_after = settings.off_after}) {}

Change OverloadDetector::assess(Instant now, std::size_t queue_depth, Duration latency) {
    const bool late = latency == Duration::zero() || latency > settings_.latency_max;
    Reading reading = Reading::between;
    if (queue_is_long(queue_depth) && late) {
        reading = Reading::bad;
    } else if (queue_depth <= settings_.queue_low) {
        reading = Reading::good;
    }
    return state_.update(now, reading);
}

}  // namespace ftcore
