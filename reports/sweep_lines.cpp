// SPDX-License-Identifier: Apache-2.0
#include "reports/sweep_lines.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

constexpr const char* no_parameter = "case";

/// The parameter with more than one value that comes first.
std::string varying(const std::vector<SweepPoint>& points) {
    for (const auto& [name, value] : points.front().parameters) {
        for (const SweepPoint& point : points) {
            const auto other = point.parameters.find(name);
            if (other != point.parameters.end() && other->second != value) return name;
        }
    }
    return no_parameter;
}

/// A value as a number to sort by: "25ms", "500/s" and "3" have one.
std::optional<double> magnitude(const std::string& text) {
    if (const auto span = parse_duration(text)) return seconds_of(*span);
    if (const auto rate = parse_rate(text)) return *rate;
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end) return number;
    return std::nullopt;
}

/// What else the point is, besides its place on the abscissa.
std::string line_name(const SweepPoint& point, const std::string& abscissa, bool name_scenario) {
    std::string name = name_scenario ? point.scenario : "";
    for (const auto& [parameter, value] : point.parameters) {
        if (parameter == abscissa) continue;
        name += fmt::format("{}{}={}", name.empty() ? "" : ", ", parameter, value);
    }
    return name;
}

void sort_points(std::vector<const SweepPoint*>& points, const std::string& abscissa) {
    const auto place = [&](const SweepPoint* point) {
        return magnitude(abscissa_of(*point, abscissa));
    };
    if (std::ranges::all_of(points, [&](auto* point) { return place(point).has_value(); }))
        std::ranges::stable_sort(points, {}, [&](auto* point) { return *place(point); });
}

std::string say_proportion(const InjectionSummary* injection, const char* name) {
    if (injection == nullptr) return "-";
    const auto found = injection->proportions.find(name);
    if (found == injection->proportions.end()) return "-";
    return fmt::format("{}/{}", found->second.k, found->second.n);
}

}  // namespace

std::string abscissa_of(const SweepPoint& point, const std::string& parameter) {
    const auto found = point.parameters.find(parameter);
    return found == point.parameters.end() ? point.scenario : found->second;
}

SpanSummary span_of(const SweepPoint& point, const std::string& name) {
    if (point.summary.injections.empty()) return {};
    const auto& spans = point.summary.injections.front().spans;
    const auto found = spans.find(name);
    return found == spans.end() ? SpanSummary{} : found->second;
}

SweepLines sweep_lines(const std::vector<SweepPoint>& points) {
    SweepLines sweep{.abscissa = varying(points)};
    std::set<std::string> scenarios;
    for (const SweepPoint& point : points)
        scenarios.insert(point.scenario);
    const bool by_parameter = sweep.abscissa != no_parameter;
    for (const SweepPoint& point : points) {
        const std::string name =
            line_name(point, sweep.abscissa, by_parameter && scenarios.size() > 1);
        auto line = std::ranges::find(sweep.lines, name, &SweepLine::name);
        if (line == sweep.lines.end()) {
            sweep.lines.push_back({.name = name});
            line = std::prev(sweep.lines.end());
        }
        line->points.push_back(&point);
    }
    for (SweepLine& line : sweep.lines)
        sort_points(line.points, sweep.abscissa);
    if (sweep.lines.size() == 1) sweep.lines.front().name.clear();
    return sweep;
}

std::vector<std::vector<std::string>> sweep_table(const SweepLines& sweep) {
    const bool named = sweep.lines.size() > 1;
    std::vector<std::vector<std::string>> rows(1);
    if (named) rows.front().emplace_back("line");
    for (const char* heading : {"trials",
                                "detected",
                                "detection p50",
                                "detection p95",
                                "false detections per hour",
                                "recovered",
                                "recovery p50",
                                "recovery p95",
                                "success rate"})
        rows.front().emplace_back(heading);
    rows.front().insert(rows.front().begin() + (named ? 1 : 0), sweep.abscissa);
    for (const SweepLine& line : sweep.lines) {
        for (const SweepPoint* point : line.points) {
            const Summary& summary = point->summary;
            const InjectionSummary* first =
                summary.injections.empty() ? nullptr : &summary.injections.front();
            const SpanSummary detection = span_of(*point, "detection_time");
            const SpanSummary recovery = span_of(*point, "recovery_time");
            std::vector<std::string>& row = rows.emplace_back();
            if (named) row.push_back(line.name);
            row.push_back(abscissa_of(*point, sweep.abscissa));
            row.push_back(fmt::format("{}", summary.fault_trials));
            row.push_back(say_proportion(first, "detected"));
            row.push_back(say_span(detection.p50));
            row.push_back(say_span(detection.p95));
            row.push_back(fmt::format("{:.4g}", summary.false_detections_per_hour));
            row.push_back(say_proportion(first, "recovered"));
            row.push_back(say_span(recovery.p50));
            row.push_back(say_span(recovery.p95));
            row.push_back(say_share(first == nullptr ? std::nullopt : first->success_rate.mean));
        }
    }
    return rows;
}

}  // namespace faultline::reports
