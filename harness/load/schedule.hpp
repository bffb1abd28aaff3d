// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/base/random.hpp"
#include "harness/base/time.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// When operations are meant to start: the k-th at k / rate (constant), or after independent
/// exponential gaps (Poisson). It never looks at replies, which is what makes the load open-loop.
class Schedule {
  public:
    /// Requires: rate > 0. Shape: operations per second.
    Schedule(Arrivals arrivals, double rate, Random random);

    /// Fixes the instant the offsets count from.
    void begin(Instant origin) { origin_ = origin; }
    /// The intended start of the next operation.
    [[nodiscard]] Instant next() const { return origin_ + offset_; }
    /// Moves on to the operation after it.
    void advance();

  private:
    Arrivals arrivals_;
    double period_ns_;
    Random random_;
    Instant origin_{};
    Duration offset_{};
    std::uint64_t count_ = 0;
    double poisson_ns_ = 0;
};

}  // namespace faultline
