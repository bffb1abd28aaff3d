// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/types.hpp"

namespace ftcore {

struct OwnTimeSettings {
    /// Being late by no more than this is normal.
    Duration tolerance = std::chrono::milliseconds(4);
    /// After a gap of at least `catch_up_from` the clock rests for as long again, up to
    /// `catch_up_max`: what others sent meanwhile must be read first, and others may have been held
    /// up by the same thing.
    Duration catch_up_from = std::chrono::milliseconds(10);
    Duration catch_up_max = std::chrono::milliseconds(20);
};

/// Time as this node has lived through it: a clock that stands still while the node itself does not
/// run (its loop was busy, the process was stopped, the machine had no core free). Detectors read
/// this clock, so silence that we slept through accuses nobody.
///
///   real   ────────┬─ gap ─┬─ catch up ─┬───────►
///   lived  ────────┴───────┴────────────┴───────►   (does not move between the bars)
///
/// Thread: one owner.
class OwnTime {
  public:
    explicit OwnTime(OwnTimeSettings settings) : settings_(settings) {}

    /// This node was to act at `due` and acts now. Answers how much of the lateness was not known
    /// yet; zero within the tolerance.
    Duration acted(Instant now, Instant due);

    /// Never goes back.
    [[nodiscard]] Instant lived(Instant now);
    /// The real instant at which `lived` will reach this one if nothing more goes wrong.
    [[nodiscard]] Instant real(Instant lived) const { return lived + behind_; }

  private:
    OwnTimeSettings settings_;
    Duration behind_{};  // real - lived
    Instant gap_end_{};  // what lies before has been counted
    Instant reached_{};  // the latest that was answered
};

}  // namespace ftcore
