// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/result/record.hpp"

namespace faultline::reports {

/// What counts as good and as recovered in this run, from the scenario it holds; what the scenario
/// leaves out is as scenarios have it by default.
[[nodiscard]] ConditionSpec recovery_condition(const RunRecord& run);

}  // namespace faultline::reports
