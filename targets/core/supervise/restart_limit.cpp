// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/restart_limit.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore {

RestartLimit::RestartLimit(int count_max, Duration period)
    : count_max_(count_max), period_(period) {
    FL_CHECK_OP(>=, count_max, 0);
    FL_CHECK_OP(>, period, Duration::zero());
}

bool RestartLimit::add(Instant now) {
    while (!restarts_.empty() && now - restarts_.front() > period_)
        restarts_.pop_front();
    restarts_.push_back(now);
    return restarts_.size() <= static_cast<std::size_t>(count_max_);
}

int RestartLimit::count(Instant now) const {
    return static_cast<int>(std::count_if(
        restarts_.begin(), restarts_.end(), [&](Instant at) { return now - at <= period_; }));
}

Duration RestartPause::next(Duration was_up) {
    if (was_up >= settings_.stable_after) next_ = Duration::zero();
    const Duration pause = next_;
    next_ = pause == Duration::zero()   ? std::min(settings_.first, settings_.cap)
            : pause > settings_.cap / 2 ? settings_.cap
                                        : pause * 2;
    return pause;
}

}  // namespace ftcore
