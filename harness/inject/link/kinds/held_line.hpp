// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>

#include "harness/inject/link/stage.hpp"
#include "harness/inject/link/tally.hpp"

namespace faultline::link {

/// Chunks held back in their order, and the end of the stream behind them. It keeps the tally of
/// what it holds and of how long: an end counts as a chunk without bytes.
/// Thread: the engine's.
class HeldLine {
  public:
    explicit HeldLine(Tally& tally) : tally_(tally) {}

    /// `due`: when it is to go on, for lines that know it from the start.
    void hold(Chunk chunk, Instant due = Instant::max());
    void hold_end(Instant at, Instant due = Instant::max());

    [[nodiscard]] bool empty() const { return held_.empty(); }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    // The first in line. Requires: not empty.
    [[nodiscard]] bool front_is_end() const { return held_.front().end; }
    [[nodiscard]] std::size_t front_bytes() const { return held_.front().bytes.size() - passed_; }
    [[nodiscard]] Instant front_came() const { return held_.front().came; }
    [[nodiscard]] Instant front_due() const { return held_.front().due; }
    /// Hands on the first in line, or what is left of it.
    void pass_front(Instant at, Outlet& below);
    /// Hands on some bytes of the first in line. Requires: 0 < count <= front_bytes().
    void pass_bytes(std::size_t count, Instant at, Outlet& below);

    /// Hands on what is due, each with the instant at which it was.
    void pass_due(Instant now, Outlet& below);
    /// When the first in line is due; `Instant::max()` when there is none.
    [[nodiscard]] Instant wake() const { return empty() ? Instant::max() : front_due(); }
    /// Hands on everything.
    void release(Instant now, Outlet& below);

  private:
    struct Held {
        std::string bytes;
        Instant came;
        Instant due;
        bool end = false;
    };
    void count(const Held& held);

    Tally& tally_;
    std::deque<Held> held_;
    std::size_t passed_ = 0;  // bytes of the first in line that are gone already
    std::size_t bytes_ = 0;
};

}  // namespace faultline::link
