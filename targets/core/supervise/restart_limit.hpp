// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "targets/core/types.hpp"

namespace ftcore {

/// Counts restarts against "at most so many in any period".
/// Source: the `intensity` and `period` of OTP's supervisor.
class RestartLimit {
  public:
    /// Requires: count_max >= 0, period > 0.
    RestartLimit(int count_max, Duration period);

    /// One more. Whether it is within the limit.
    [[nodiscard]] bool add(Instant now);
    /// Restarts in the period that ends now.
    [[nodiscard]] int count(Instant now) const;

  private:
    int count_max_;
    Duration period_;
    std::deque<Instant> restarts_;
};

/// The pauses before the restarts of one child: none, then `first`, doubling up to `cap`.
class RestartPause {
  public:
    struct Settings {
        Duration first;
        Duration cap;
        Duration stable_after;
    };
    explicit RestartPause(Settings settings) : settings_(settings) {}

    /// It ended after having been up for so long.
    [[nodiscard]] Duration next(Duration was_up);

  private:
    Settings settings_;
    Duration next_{};
};

}  // namespace ftcore
