// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/types.hpp"

namespace ftcore {

struct SheddingSettings {
    double first = 0.2;      // of new commands are refused to begin with
    double increase = 1.5;   // times as many while that is not enough
    double decrease = 0.1;   // fewer while it is
    double share_max = 0.9;  // some must get through, or nobody would see that it is over
    Duration period = std::chrono::milliseconds(200);
};

/// How much of the load to refuse: quickly more while the node is overloaded, slowly less when it
/// is not, until nothing is refused. Source: Chiu, Jain, "Analysis of the Increase and Decrease
/// Algorithms for Congestion Avoidance" (1989), turned round: refusing is what grows by factors.
class Shedding {
  public:
    explicit Shedding(SheddingSettings settings) : settings_(settings) {}

    /// `overloaded`: the detector's word; `queue_long`: right now. Answers the new share when it
    /// changes; 0 ends it.
    std::optional<double> turn(Instant now, bool overloaded, bool queue_long);
    [[nodiscard]] bool active() const { return share_ > 0; }
    [[nodiscard]] double share() const { return share_; }
    /// When the next change is due; Instant::max() while nothing is refused.
    [[nodiscard]] Instant deadline() const;

  private:
    SheddingSettings settings_;
    double share_ = 0;
    Instant changed_at_{};
};

}  // namespace ftcore
