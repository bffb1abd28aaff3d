// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "targets/core/detect/hysteresis.hpp"

namespace ftcore {

struct LatencyShiftSettings {
    Duration period = std::chrono::milliseconds(500);  // one sample is learnt per period
    std::size_t baseline_min = 10;                     // before that nothing is called unusual
    std::size_t baseline_max = 120;
    std::uint64_t operations_min = 20;                   // fewer in the window make no sample
    double deviations = 6;                               // beyond the usual spread,
    double factor = 3;                                   // and at least so many times the usual,
    Duration effect_min = std::chrono::milliseconds(5);  // and at least so much more
    Duration on_after = std::chrono::milliseconds(500);
    Duration off_after = std::chrono::seconds(1);
    Duration adopt_after = std::chrono::seconds(60);  // what lasts so long is the new usual
};

/// Notices when latencies leave what this node has learnt to be usual. The usual is the median of
/// past medians and their median absolute deviation: robust against outliers, and nothing is learnt
/// while the shift lasts.
/// Source: Leys et al., "Detecting outliers: use absolute deviation around the median" (2013).
class LatencyShiftDetector {
  public:
    explicit LatencyShiftDetector(LatencyShiftSettings settings);

    [[nodiscard]] static std::string_view name() { return "latency_shift"; }
    /// `median` of `operations` operations in the window that ends now.
    Change assess(Instant now, Duration median, std::uint64_t operations);
    [[nodiscard]] bool active() const { return state_.active(); }
    /// What is usual; zero before enough was learnt.
    [[nodiscard]] Duration usual() const { return usual_; }
    /// Above this it is unusual; Duration::max() before enough was learnt.
    [[nodiscard]] Duration bound() const;

  private:
    void learn(Instant now, Duration median);

    LatencyShiftSettings settings_;
    Hysteresis state_;
    std::vector<Duration> baseline_{};  // a ring once it is full
    std::size_t next_ = 0;
    Duration usual_{};
    Duration spread_{};
    Instant learnt_at_{};
    Instant began_at_{};
};

}  // namespace ftcore
