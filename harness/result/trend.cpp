// SPDX-License-Identifier: Apache-2.0
#include "harness/result/trend.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace faultline {
namespace {

constexpr std::array better_when_high{
    "success_rate", "detected", "diagnosed", "recovered", "masked"};

const char* usual_statistic(MeasureShape shape) {
    switch (shape) {
        case MeasureShape::span:
            return ".p50";
        case MeasureShape::share:
            return ".mean";
        case MeasureShape::proportion:
            return "";
        case MeasureShape::count:
            return ".total";
    }
    return "";
}

/// The last parts of a dotted name, the last first.
std::pair<std::string_view, std::string_view> last_parts(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return {name, {}};
    const std::string_view before = name.substr(0, dot);
    return {name.substr(dot + 1), before.substr(before.rfind('.') + 1)};
}

bool has_interval(const TrendPoint& point) {
    return std::isfinite(point.interval.low) || std::isfinite(point.interval.high);
}

bool clearly_differ(const TrendPoint& a, const TrendPoint& b, MeasureShape shape) {
    if (shape == MeasureShape::count) return *a.value != *b.value;
    if (!has_interval(a) || !has_interval(b)) return false;
    return a.interval.high < b.interval.low || b.interval.high < a.interval.low;
}

void compare_with(const TrendPoint& before, const TrendMeasure& measure, TrendRow& row) {
    const double change = *row.point.value - *before.value;
    row.change = change;
    if (*before.value != 0) row.relative = change / *before.value;
    row.other_machine = row.point.run.host != before.run.host;
    if (change == 0 || !clearly_differ(before, row.point, measure.shape)) return;
    row.mark = (change > 0) == measure.higher_is_better ? TrendMark::better : TrendMark::worse;
}

}  // namespace

std::string_view name_of(TrendMark mark) {
    switch (mark) {
        case TrendMark::none:
            return "";
        case TrendMark::better:
            return "better";
        case TrendMark::worse:
            return "worse";
    }
    return "";
}

std::optional<TrendMeasure> find_trend_measure(std::string_view name) {
    const auto [last, before] = last_parts(name);
    for (const MeasureMetric& metric : measure_metrics()) {
        const bool bare = last == metric.name;
        if (!bare && before != metric.name) continue;
        TrendMeasure measure{.name = std::string(name), .shape = metric.shape};
        if (bare) measure.name += usual_statistic(metric.shape);
        measure.higher_is_better =
            std::find(better_when_high.begin(), better_when_high.end(), metric.name) !=
            better_when_high.end();
        return measure;
    }
    return std::nullopt;
}

std::vector<TrendSection> trend_sections(const std::vector<TrendPoint>& points,
                                         const TrendMeasure& measure) {
    std::vector<TrendSection> sections;
    for (const TrendPoint& point : points) {
        auto section = std::find_if(sections.begin(), sections.end(), [&](const auto& each) {
            return each.case_key == point.run.case_key;
        });
        if (section == sections.end())
            section = sections.insert(section, TrendSection{point.run.case_key});
        TrendRow row{point};
        const auto before =
            std::find_if(section->rows.rbegin(), section->rows.rend(), [](const TrendRow& each) {
                return each.point.value.has_value();
            });
        if (point.value && before != section->rows.rend())
            compare_with(before->point, measure, row);
        section->rows.push_back(std::move(row));
    }
    return sections;
}

}  // namespace faultline
