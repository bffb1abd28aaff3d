// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/gate_measures.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"

namespace faultline {
namespace {

/// Whether more of it is worse; what says nothing about that cannot be gated on.
bool can_be_gated(const MeasureMetric& metric) {
    return metric.name != "masked" && metric.name != "unknown_writes";
}

Result<GateMeasure> measure_named(const Scenario& scenario, const std::string& name) {
    GateMeasure measure{.name = name, .metric = name};
    if (const std::size_t dot = name.rfind('.'); dot != std::string::npos) {
        measure.injection = name.substr(0, dot);
        measure.metric = name.substr(dot + 1);
        std::vector<std::string> ids;
        for (const FaultSpec& fault : scenario.faults)
            ids.push_back(fault.id);
        if (std::ranges::find(ids, measure.injection) == ids.end()) {
            return fail(fmt::format("--measure {}: scenario \"{}\" has no injection \"{}\"{}",
                                    name,
                                    scenario.name,
                                    measure.injection,
                                    suggestion(measure.injection, ids)),
                        ErrorCode::invalid);
        }
    }
    std::vector<std::string> known;
    for (const MeasureMetric& metric : measure_metrics()) {
        if (!can_be_gated(metric)) continue;
        if (metric.name == measure.metric) {
            measure.shape = metric.shape;
            return measure;
        }
        known.push_back(metric.name);
    }
    return fail(fmt::format("--measure {}: a gate knows no such measure{}",
                            name,
                            suggestion(measure.metric, known)),
                ErrorCode::invalid);
}

/// Of the injection meant. Null: this scenario has none.
const InjectionColumns* injection_of(const GateMeasure& measure, const Columns& columns) {
    for (const InjectionColumns& injection : columns.injections) {
        if (measure.injection.empty() || injection.id == measure.injection) return &injection;
    }
    return nullptr;
}

std::vector<double> span_values(const GateMeasure& measure, const Columns& columns) {
    const InjectionColumns* injection = injection_of(measure, columns);
    if (injection == nullptr) return {};
    const auto found = injection->spans.find(measure.metric);
    return found == injection->spans.end() ? std::vector<double>{} : found->second.latest();
}

/// What is missing to 1, so that more is worse.
std::vector<double> missing_shares(const GateMeasure& measure, const Columns& columns) {
    std::vector<double> values;
    if (const InjectionColumns* injection = injection_of(measure, columns)) {
        for (const double share : injection->success_rate.latest())
            values.push_back(1 - share);
    }
    return values;
}

/// Trials that did not do it.
Tally failures(const GateMeasure& measure, const Columns& columns) {
    const InjectionColumns* injection = injection_of(measure, columns);
    if (injection == nullptr) return {};
    const auto found = injection->proportions.find(measure.metric);
    if (found == injection->proportions.end()) return {};
    return {found->second.n - found->second.k, found->second.n};
}

/// Trials in which it was not zero.
Tally trials_with(const GateMeasure& measure, const Columns& columns) {
    Tally tally;
    const auto found = columns.counts.find(measure.metric);
    if (found == columns.counts.end()) return tally;
    for (const double count : found->second.latest())
        tally.add(count > 0);
    return tally;
}

TwoTallies tallies(const Tally& base, const Tally& head) {
    return {.base_bad = base.k, .base_n = base.n, .head_bad = head.k, .head_n = head.n};
}

}  // namespace

Result<std::vector<GateMeasure>> gate_measures(const Scenario& scenario,
                                               const std::vector<std::string>& asked) {
    if (scenario.faults.empty()) {
        return fail(fmt::format("scenario \"{}\" injects nothing, so there is nothing to compare",
                                scenario.name),
                    ErrorCode::invalid);
    }
    std::vector<std::string> names = asked;
    if (asked.empty() && scenario.load) names.emplace_back("recovery_time");
    if (asked.empty() && !scenario.detection.empty()) names.emplace_back("detection_time");
    if (names.empty()) {
        return fail(
            fmt::format("scenario \"{}\" has neither a load nor signals of detection: name what "
                        "to gate on with --measure",
                        scenario.name),
            ErrorCode::invalid);
    }
    std::vector<GateMeasure> measures;
    const auto is_there = [&measures](const std::string& name) {
        return std::ranges::find(measures, name, &GateMeasure::name) != measures.end();
    };
    for (const std::string& name : names) {
        FL_TRY(GateMeasure measure, measure_named(scenario, name));
        if (!is_there(name)) measures.push_back(std::move(measure));
    }
    if (scenario.load) {
        for (const char* fact : {"recovered", "lost_writes"}) {
            if (is_there(fact)) continue;
            FL_TRY(GateMeasure measure, measure_named(scenario, fact));
            measure.alarm_only = true;
            measures.push_back(std::move(measure));
        }
    }
    return measures;
}

GateSample gate_sample(const GateMeasure& measure, const Columns& base, const Columns& head) {
    switch (measure.shape) {
        case MeasureShape::span:
            return TwoSeries{span_values(measure, base), span_values(measure, head)};
        case MeasureShape::share:
            return TwoSeries{missing_shares(measure, base), missing_shares(measure, head)};
        case MeasureShape::proportion:
            return tallies(failures(measure, base), failures(measure, head));
        case MeasureShape::count:
            return tallies(trials_with(measure, base), trials_with(measure, head));
    }
    return TwoTallies{};
}

}  // namespace faultline
