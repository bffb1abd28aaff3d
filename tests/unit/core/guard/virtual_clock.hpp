// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "targets/core/guard/clock.hpp"

namespace ftcore::guard {

/// Waiting takes no time: it moves the clock.
class VirtualClock final : public Clock {
  public:
    [[nodiscard]] Instant now() override { return now_; }
    void wait_until(Instant when) override {
        waits.push_back(when - now_);
        now_ = std::max(now_, when);
    }
    void advance(Duration span) { now_ += span; }

    std::vector<Duration> waits;

  private:
    Instant now_{std::chrono::hours(1)};
};

}  // namespace ftcore::guard
