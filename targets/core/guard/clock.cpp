// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/clock.hpp"

#include <thread>

namespace ftcore::guard {

Instant SystemClock::now() {
    return faultline::now();
}

void SystemClock::wait_until(Instant when) {
    std::this_thread::sleep_until(when);
}

}  // namespace ftcore::guard
