// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/judge/summary.hpp"

namespace faultline::reports {

/// One case of a scenario with parameters, and what its trials say.
struct SweepPoint {
    std::string scenario;
    std::map<std::string, std::string> parameters{};
    Summary summary;
};

// What a parameter costs: detection time and false detections against its values, with recovery
// beside them. The first parameter that varies is the abscissa; cases that differ in others, or in
// the scenario, are lines of their own. In the order of the values where they are times, rates or
// numbers, else as given. Shape: at least one point.
[[nodiscard]] std::string sweep_html(const std::vector<SweepPoint>& points);
[[nodiscard]] std::string sweep_markdown(const std::vector<SweepPoint>& points);

}  // namespace faultline::reports
