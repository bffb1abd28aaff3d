// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "harness/result/record.hpp"

namespace faultline::reports {

/// The share of trials within a time, as a step curve by Kaplan and Meier, in a band that holds the
/// whole curve at `report_confidence`: the inequality of Dvoretzky, Kiefer and Wolfowitz with
/// Massart's constant. A censored time lies anywhere above the moment of censoring: the upper edge
/// takes it as early as it can be, the lower edge as never. The HTML report's script/statistics.js
/// does the same. Source: Massart, Annals of Probability 18 (1990).
struct Distribution {
    struct Step {
        double time = 0;
        double share = 0, low = 0, high = 1;  // from `time` on
    };
    std::size_t n = 0;
    double reach = 1;  // of the band, up and down
    std::vector<Step> steps{};

    /// What holds at `time`.
    [[nodiscard]] Step at(double time) const;
};
[[nodiscard]] Distribution distribution_of(std::vector<Survival> times);

/// The times of one injection in the counted fault trials. Units: nanoseconds.
[[nodiscard]] std::vector<Survival> detection_times(const RunRecord& run, const std::string& id);
[[nodiscard]] std::vector<Survival> recovery_times(const RunRecord& run, const std::string& id);

}  // namespace faultline::reports
