// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "targets/core/types.hpp"

namespace ftcore::guard {

/// The instant by which a caller wants an answer. It is handed down through every layer, so that
/// nobody works, waits or tries again for somebody who has left.
class Deadline {
  public:
    [[nodiscard]] static constexpr Deadline at(Instant when) { return Deadline(when); }
    [[nodiscard]] static constexpr Deadline after(Instant now, Duration span) {
        // "Never" must not wrap around into the past.
        return Deadline(span >= Instant::max() - now ? Instant::max() : now + span);
    }
    [[nodiscard]] static constexpr Deadline never() { return Deadline(Instant::max()); }

    [[nodiscard]] constexpr Instant when() const { return when_; }
    [[nodiscard]] constexpr bool passed(Instant now) const { return now >= when_; }
    /// What is left; zero when it has passed.
    [[nodiscard]] constexpr Duration left(Instant now) const {
        return passed(now) ? Duration::zero() : when_ - now;
    }
    [[nodiscard]] constexpr Deadline sooner(Deadline other) const {
        return Deadline(std::min(when_, other.when_));
    }

    friend constexpr bool operator==(Deadline, Deadline) = default;

  private:
    explicit constexpr Deadline(Instant when) : when_(when) {}
    Instant when_;
};

}  // namespace ftcore::guard
