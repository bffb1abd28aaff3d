// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "harness/inject/link/stage.hpp"

namespace faultline::link {

/// What goes up, held while a delay lasts; order is kept, the end of the stream comes last.
class DelayLine {
  public:
    /// What comes from now on goes on at `until` or later.
    void hold_until(Instant until) {
        if (until > until_) until_ = until;
    }
    void push(Chunk chunk, Outlet& below);
    void finish(Instant at, Outlet& below);

    [[nodiscard]] Instant wake() const;
    void pass_due(Instant now, Outlet& below);
    /// Hands on everything, at once.
    void release(Instant now, Outlet& below);
    [[nodiscard]] bool empty() const { return held_.empty() && !finish_held_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    void pass_front(Instant at, Outlet& below);

    Instant until_ = Instant::min();
    std::deque<Chunk> held_;  // `at`: when it is due
    std::size_t bytes_ = 0;
    bool finish_held_ = false;
    Instant finish_due_{};
};

}  // namespace faultline::link
