// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/check.hpp"
#include "reports/comparison_renderer.hpp"

namespace faultline::reports {

/// A comparison in which every kind of row and every verdict is there.
inline ComparisonReport sample_comparison() {
    using Unit = MeasureComparison::Unit;
    ComparisonReport report{.scenario = "sentinel-primary-crash",
                            .scenario_file = "scenarios/redis/sentinel-primary-crash.json",
                            .base = {.given = "results/a",
                                     .run = "a1",
                                     .started = "2026-11-21T10:15:00Z",
                                     .version = "0.1.0",
                                     .directory = "results/a",
                                     .trials = 20},
                            .head = {.given = "results/b",
                                     .run = "b2",
                                     .started = "2026-11-22T10:15:00Z",
                                     .version = "0.2.0",
                                     .directory = "results/b",
                                     .trials = 18,
                                     .left_out = 2},
                            .mismatches = {{"faultline", "0.1.0", "0.2.0", false}}};
    RunComparison& comparison = report.comparison;
    comparison.change = Change::worse;
    comparison.reason = "recovery takes 20 % longer [15 %, 26 %]";
    comparison.measures = {
        {.name = "detection_time",
         .unit = Unit::span,
         .base_n = 20,
         .head_n = 18,
         .base_value = 1.05e9,
         .head_value = 1.06e9,
         .shift = 4e6,
         .shift_interval = {-10e6, 18e6},
         .relative_shift = 0.004,
         .relative_interval = {-0.01, 0.0176},
         .p = 0.61,
         .change = Change::same,
         .explanation = "detection takes 0.4 % longer [-1 %, 1.76 %]"},
        {.name = "recovery_time",
         .unit = Unit::span,
         .base_n = 20,
         .head_n = 18,
         .head_censored = 1,
         .base_value = 1.38e9,
         .head_value = 1.66e9,
         .shift = 276e6,
         .shift_interval = {207e6, std::numeric_limits<double>::infinity()},
         .relative_shift = 0.2,
         .relative_interval = {0.15, std::numeric_limits<double>::infinity()},
         .p = 0.0004,
         .p_worse = 0.0002,
         .change = Change::worse,
         .explanation = "recovery takes 20 % longer [15 %, open)"},
        {.name = "success_rate",
         .unit = Unit::share,
         .base_n = 20,
         .head_n = 18,
         .base_value = 0.721,
         .head_value = 0.861,
         .shift = 0.14,
         .shift_interval = {0.12, 0.161},
         .p = 0.001,
         .p_better = 0.0005,
         .change = Change::better,
         .explanation = "the success rate is 14 points higher [12 points, 16.1 points]"},
        {.name = "second.recovered",
         .unit = Unit::proportion,
         .base_n = 20,
         .head_n = 18,
         .base_value = 1.0,
         .head_value = 17.0 / 18,
         .shift = -1.0 / 18,
         .shift_interval = {-0.258, 0.112},
         .p = 0.9,
         .change = Change::inconclusive,
         .explanation = "second: cannot tell: <b>|recovered|</b>",
         .trials_needed = 145},
        {.name = "lost_writes",
         .unit = Unit::count,
         .base_n = 22,
         .head_n = 20,
         .base_value = 0.0,
         .head_value = 0.6,
         .shift = 0.6,
         .change = Change::worse,
         .explanation = "writes were lost: 12 in 3 of 20 trials, in the base none in 22 trials"}};
    return report;
}

inline std::string rendered_comparison(const std::string& format,
                                       const ComparisonReport& report,
                                       const RenderOptions& options = {}) {
    const ComparisonRenderer* found = find_comparison_renderer(format);
    FL_CHECK(found != nullptr);
    return found->render(report, options);
}

}  // namespace faultline::reports
