// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "harness/base/time.hpp"

namespace faultline::link {

/// The moment at which one connection is to end, some time after the effect came to it. The stages
/// of both its ways share it, and whichever is called first at or after that moment acts.
/// Thread: the engine's.
class Deadline {
  public:
    /// Absent: it never comes by itself.
    explicit Deadline(std::optional<Duration> after) : after_(after) {}

    /// Until the time is known: at once, to learn it.
    [[nodiscard]] Instant wake() const {
        if (over_ || !after_) return Instant::max();
        return when_.value_or(Instant{});
    }
    /// The first call begins to count. True once: whoever gets it ends the connection.
    [[nodiscard]] bool reached(Instant now) {
        if (over_ || !after_) return false;
        if (!when_) when_ = now + *after_;
        if (now < *when_) return false;
        over_ = true;
        return true;
    }
    /// The connection was ended, or is being ended, for whatever reason: nothing more passes.
    [[nodiscard]] bool over() const { return over_; }
    void end() { over_ = true; }

  private:
    std::optional<Duration> after_;
    std::optional<Instant> when_;
    bool over_ = false;
};

}  // namespace faultline::link
