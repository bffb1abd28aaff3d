// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "reports/renderer.hpp"
#include "reports/trial_reading.hpp"

namespace faultline::reports {

/// The JSON that script/data.js reads: the trials as columns, the stages, the success curve and the
/// timelines, as many as `bytes_max` holds.
struct ChartData {
    std::string json{};
    std::size_t timelines = 0;  // trials whose timeline is in it
    std::size_t detailed = 0;   // of these, with every bad operation and all that events said
    std::size_t left_out = 0;   // trials that have one for which there was no room
    std::size_t missing = 0;    // trials without one
    SuccessCurve success{};
};
[[nodiscard]] ChartData chart_data(const RunRecord& run,
                                   const RenderOptions& options,
                                   std::size_t bytes_max);

}  // namespace faultline::reports
