// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/types.hpp"

namespace ftcore::simulation {

/// True time since the world began; only the world knows it.
using TrueTime = Duration;

/// A node's own clock: it began somewhere and runs a little fast or slow. Whole numbers only, so
/// that a seed gives the same instants everywhere.
class Clock {
  public:
    Clock() = default;
    Clock(Instant start, std::int64_t parts_per_million)
        : start_(start), parts_per_million_(parts_per_million) {}

    [[nodiscard]] Instant at(TrueTime time) const {
        return start_ + time +
               Duration(time.count() / million * parts_per_million_ +
                        time.count() % million * parts_per_million_ / million);
    }

    /// A true time at which this clock shows `instant` or a few nanoseconds more.
    [[nodiscard]] TrueTime when(Instant instant) const {
        const std::int64_t local = (instant - start_).count();
        const std::int64_t rate = million + parts_per_million_;
        return TrueTime(local / rate * million + local % rate * million / rate + 2);
    }

  private:
    static constexpr std::int64_t million = 1'000'000;
    Instant start_{};
    std::int64_t parts_per_million_ = 0;
};

}  // namespace ftcore::simulation
