// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/types.hpp"

namespace ftcore::guard {

struct BackoffSettings {
    Duration base = std::chrono::milliseconds(10);
    Duration cap = std::chrono::seconds(1);
};

/// Pauses between attempts that grow and do not march in step with other callers': each is drawn
/// between `base` and three times the last one, at most `cap` (decorrelated jitter).
/// Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog (2015).
class Backoff {
  public:
    /// Requires: 0 < base <= cap.
    explicit Backoff(BackoffSettings settings);

    [[nodiscard]] Duration next(Random& random);
    void reset() { last_ = settings_.base; }

  private:
    BackoffSettings settings_;
    Duration last_;
};

}  // namespace ftcore::guard
