// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "harness/base/time.hpp"

namespace faultline::link {

/// A line that carries so many bytes per second: when what is put on it has gone through. Counted
/// in whole bytes since the line was last idle, so nothing adds up, at 1 byte per second as at 1 GB
/// per second.
class ByteClock {
  public:
    explicit ByteClock(std::uint64_t bytes_per_second);

    /// Puts `count` bytes on the line, which are there from `ready` on. Returns when the last one
    /// is through: behind everything that was put on it before.
    [[nodiscard]] Instant put(Instant ready, std::uint64_t count);

    /// How long so many bytes take, rounded up: the line is never faster than its rate.
    [[nodiscard]] Duration time_for(std::uint64_t bytes) const;

  private:
    std::uint64_t rate_;
    Instant busy_since_ = Instant::min();
    std::uint64_t bytes_ = 0;  // put on the line since then
    Instant free_ = Instant::min();
};

}  // namespace faultline::link
