// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/judge/columns.hpp"
#include "harness/judge/sequential.hpp"

namespace faultline {

/// One measure that a gate watches.
struct GateMeasure {
    std::string name;         // as asked: "recovery_time", "second.recovery_time"
    std::string injection{};  // empty: the first
    std::string metric;
    MeasureShape shape = MeasureShape::span;
    /// Raises the alarm, but need not be shown to be no worse.
    bool alarm_only = false;
};

/// What a gate on this scenario watches: what is `asked`, or recovery_time and detection_time where
/// they are measured; and, whatever is asked, the facts: trials that never recovered and lost
/// writes. Errors (`invalid`): a name that is none, with the nearest; a scenario that measures
/// nothing.
[[nodiscard]] Result<std::vector<GateMeasure>> gate_measures(const Scenario& scenario,
                                                             const std::vector<std::string>& asked);

/// What the trials of both builds say about it: values, or how often it went wrong.
using GateSample = std::variant<TwoSeries, TwoTallies>;
[[nodiscard]] GateSample gate_sample(const GateMeasure& measure,
                                     const Columns& base,
                                     const Columns& head);

}  // namespace faultline
