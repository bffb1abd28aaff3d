// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "harness/result/record.hpp"

namespace faultline::reports {

/// When a stage of the recovery was reached, across the counted trials that told it. Units: since
/// the injection.
struct StageSpread {
    std::string_view name;
    std::size_t n = 0;
    Duration p10{}, p50{}, p90{};
};

/// The stages of the first injection that any trial told, by their medians.
[[nodiscard]] std::vector<StageSpread> stage_spreads(const RunRecord& run);

}  // namespace faultline::reports
