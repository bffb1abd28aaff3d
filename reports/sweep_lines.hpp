// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "reports/sweep.hpp"

namespace faultline::reports {

/// The points that differ in the abscissa alone.
struct SweepLine {
    std::string name{};  // "nodes=5"; empty when there is one line
    std::vector<const SweepPoint*> points{};
};

struct SweepLines {
    std::string abscissa{};  // the parameter; "case" when none varies
    std::vector<SweepLine> lines{};
};

/// Requires: the points outlive it.
[[nodiscard]] SweepLines sweep_lines(const std::vector<SweepPoint>& points);

/// The point's value of the abscissa, or its scenario.
[[nodiscard]] std::string abscissa_of(const SweepPoint& point, const std::string& parameter);

/// A span of the first injection across the point's trials; empty without.
[[nodiscard]] SpanSummary span_of(const SweepPoint& point, const std::string& name);

/// The rows of the table: a heading and one row a point, as text.
[[nodiscard]] std::vector<std::vector<std::string>> sweep_table(const SweepLines& sweep);

}  // namespace faultline::reports
