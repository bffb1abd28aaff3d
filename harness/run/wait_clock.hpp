// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/time.hpp"

namespace faultline {

/// The time of a trial that belongs to the target and the scenario, not to the harness.
class WaitClock {
  public:
    /// Answers what `wait` answers.
    template <class Wait>
    auto spend(Wait wait) {
        const Instant begin = now();
        struct Stop {
            WaitClock* clock;
            Instant begin;
            ~Stop() { clock->waited_ += now() - begin; }
        } stop{this, begin};
        return wait();
    }
    [[nodiscard]] Duration waited() const { return waited_; }

  private:
    Duration waited_{};
};

}  // namespace faultline
