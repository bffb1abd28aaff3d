// SPDX-License-Identifier: Apache-2.0
#include "targets/core/repair/shedding.hpp"

#include <algorithm>

namespace ftcore {

std::optional<double> Shedding::turn(Instant now, bool overloaded, bool queue_long) {
    if (!active()) {
        if (!overloaded) return std::nullopt;
        share_ = settings_.first;
        changed_at_ = now;
        return share_;
    }
    if (now < deadline()) return std::nullopt;
    changed_at_ = now;
    const double before = share_;
    if (queue_long) {
        share_ = std::min(share_ * settings_.increase, settings_.share_max);
    } else {
        share_ -= settings_.decrease;
        if (share_ < settings_.decrease / 2) share_ = 0;
    }
    if (share_ == before) return std::nullopt;
    return share_;
}

Instant Shedding::deadline() const {
    return active() ? changed_at_ + settings_.period : Instant::max();
}

}  // namespace ftcore
