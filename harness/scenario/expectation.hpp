// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {

/// What a measure is across trials.
enum class MeasureShape {
    span,        // a duration per trial: detection_time, recovery_time, downtime, redundancy_time
    share,       // a share per trial: success_rate
    proportion,  // how many trials did it: detected, recovered, masked, diagnosed
    count,       // a number per trial: lost_writes, stale_reads, false_detections
};

/// A measure that expectations can bound.
struct MeasureMetric {
    std::string name;
    MeasureShape shape = MeasureShape::span;
    std::string help;
};
[[nodiscard]] const std::vector<MeasureMetric>& measure_metrics();

enum class Comparison { less, less_equal, greater, greater_equal, equal, not_equal };

/// `metric.stat op value [@ confidence]`, for example "recovery_time.p95 <= 3s @ 95%".
/// A metric may be preceded by the id of an injection: "second.recovery_time.p50 < 1s"; without one
/// it speaks of the first injection of each trial (counts speak of the whole trial). A count
/// without a statistic means its total.
struct Expectation {
    std::string text;         // as written
    std::string injection{};  // empty: the first
    std::string metric;
    MeasureShape shape = MeasureShape::span;
    std::string stat{};   // "p95", "mean", "min", "max", "total"; empty for proportions
    double quantile = 0;  // 0.95 for "p95"
    Comparison comparison = Comparison::less_equal;
    double value = 0;                    // spans in nanoseconds, shares and proportions in [0, 1]
    std::optional<double> confidence{};  // 0.95 for "@ 95%"
};

/// Errors: the part that is wrong and the nearest valid name or an example.
[[nodiscard]] Result<Expectation> parse_expectation(std::string_view text);

}  // namespace faultline
