// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/own_time.hpp"

#include <algorithm>

namespace ftcore {

Duration OwnTime::acted(Instant now, Instant due) {
    if (now - due <= settings_.tolerance) return Duration::zero();
    // Several late timers tell of one and the same gap.
    const Instant begin = std::max(due, gap_end_);
    if (now <= begin) return Duration::zero();
    const Duration gap = now - begin;
    behind_ += gap;
    if (gap >= settings_.catch_up_from) behind_ += std::min(gap, settings_.catch_up_max);
    gap_end_ = now;
    return gap;
}

Instant OwnTime::lived(Instant now) {
    // A gap may be learnt of after the clock was read inside it: then the clock waits for itself.
    reached_ = std::max(reached_, now - behind_);
    return reached_;
}

}  // namespace ftcore
