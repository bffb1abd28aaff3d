// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/result/store.hpp"
#include "harness/scenario/expectation.hpp"

namespace faultline {

// A measure from run to run, with what changed. Pure.

/// What a measure's name means: "second.recovery_time.p95".
struct TrendMeasure {
    std::string name;  // with its statistic
    MeasureShape shape = MeasureShape::span;
    bool higher_is_better = false;
};
/// A measure without a statistic means its median, mean or total. Empty: no measure has this name.
[[nodiscard]] std::optional<TrendMeasure> find_trend_measure(std::string_view name);

enum class TrendMark {
    none,  // nothing to compare with, or what changed may be chance
    better,
    worse
};
[[nodiscard]] std::string_view name_of(TrendMark mark);

struct TrendRow {
    TrendPoint point;
    std::optional<double> change{};    // from the run before, in the unit of the measure
    std::optional<double> relative{};  // share of the value before
    TrendMark mark = TrendMark::none;
    bool other_machine = false;  // than the run before: what changed may be the machine
};

/// The runs of one case, oldest first.
struct TrendSection {
    std::string case_key;
    std::vector<TrendRow> rows{};
};

/// Splits points, oldest first, by case and compares each with the one before that has a value. A
/// change is marked when the intervals of the two do not overlap, and counts, which are facts,
/// whenever they differ. That two intervals of 95 % are disjoint is rarer under no change than 5 %:
/// what is marked is clear, what is not may still be found by `faultline compare`.
[[nodiscard]] std::vector<TrendSection> trend_sections(const std::vector<TrendPoint>& points,
                                                       const TrendMeasure& measure);

}  // namespace faultline
