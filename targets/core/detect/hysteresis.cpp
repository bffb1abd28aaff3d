// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/hysteresis.hpp"

namespace ftcore {

Change Hysteresis::update(Instant now, Reading reading) {
    const bool opposes = active_ ? reading == Reading::good : reading == Reading::bad;
    if (!opposes) {
        opposed_since_.reset();
        return Change::none;
    }
    if (!opposed_since_) opposed_since_ = now;
    if (now < deadline()) return Change::none;
    active_ = !active_;
    opposed_since_.reset();
    return active_ ? Change::begins : Change::ends;
}

Instant Hysteresis::deadline() const {
    if (!opposed_since_) return Instant::max();
    return *opposed_since_ + (active_ ? settings_.off_after : settings_.on_after);
}

}  // namespace ftcore
