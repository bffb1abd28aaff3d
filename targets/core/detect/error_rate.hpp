// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "targets/core/detect/hysteresis.hpp"

namespace ftcore {

struct ErrorRateSettings {
    double share_max = 0.05;            // of operations that may fail
    std::uint64_t operations_min = 20;  // fewer in the window prove nothing
    double confidence = 2.33;           // one-sided 99 %, in standard deviations
    Duration off_after = std::chrono::seconds(1);
};

/// The lower end of the interval for a share of which `count` of `total` were seen. Requires: total
/// > 0. Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference"
/// (1927).
[[nodiscard]] double wilson_lower(std::uint64_t count, std::uint64_t total, double deviations);

/// Begins when operations surely fail more often than they may; ends when they fail less than a
/// quarter as often. Few operations are never enough to be sure, so it needs no waiting time.
class ErrorRateDetector {
  public:
    explicit ErrorRateDetector(ErrorRateSettings settings);

    [[nodiscard]] static std::string_view name() { return "error_rate"; }
    Change assess(Instant now, std::uint64_t total, std::uint64_t failed);
    [[nodiscard]] bool active() const { return state_.active(); }

  private:
    ErrorRateSettings settings_;
    Hysteresis state_;
};

}  // namespace ftcore
