// SPDX-License-Identifier: Apache-2.0
#include "reports/distribution.hpp"

#include <algorithm>
#include <cmath>

#include "reports/findings.hpp"

namespace faultline::reports {
namespace {

double nanoseconds(Duration span) {
    return static_cast<double>(span.count());
}

template <class TimeOf>
std::vector<Survival> times_of(const RunRecord& run, const std::string& id, TimeOf time_of) {
    std::vector<Survival> times;
    for (const TrialRecord& trial : run.trials) {
        if (trial.control || is_invalid(trial)) continue;
        for (const InjectionRecord& record : trial.injections) {
            if (record.injection.id != id) continue;
            if (const auto time = time_of(record.measures)) times.push_back(*time);
        }
    }
    return times;
}

}  // namespace

Distribution distribution_of(std::vector<Survival> times) {
    std::sort(times.begin(), times.end(), [](const Survival& a, const Survival& b) {
        return a.time < b.time;
    });
    Distribution distribution{.n = times.size()};
    if (times.empty()) return distribution;
    const auto n = static_cast<double>(times.size());
    distribution.reach = std::sqrt(std::log(2 / (1 - report_confidence)) / (2 * n));
    double surviving = 1, measured = 0;
    for (std::size_t seen = 0; seen < times.size();) {
        const double time = times[seen].time;
        const double at_risk = n - static_cast<double>(seen);
        double ended = 0;
        for (; seen < times.size() && times[seen].time == time; ++seen)
            ended += times[seen].censored ? 0 : 1;
        measured += ended;
        surviving *= 1 - ended / at_risk;
        distribution.steps.push_back(
            {.time = time,
             .share = 1 - surviving,
             .low = std::max(0.0, measured / n - distribution.reach),
             .high = std::min(1.0, static_cast<double>(seen) / n + distribution.reach)});
    }
    return distribution;
}

Distribution::Step Distribution::at(double time) const {
    const auto after =
        std::upper_bound(steps.begin(), steps.end(), time, [](double value, const Step& step) {
            return value < step.time;
        });
    if (after != steps.begin()) return *(after - 1);
    return {.time = time, .share = 0, .low = 0, .high = std::min(1.0, reach)};
}

std::vector<Survival> detection_times(const RunRecord& run, const std::string& id) {
    return times_of(run, id, [](const InjectionMeasures& measures) -> std::optional<Survival> {
        if (measures.detection_time) return Survival{nanoseconds(*measures.detection_time), false};
        if (measures.detection_observed_for <= Duration{}) return std::nullopt;
        return Survival{nanoseconds(measures.detection_observed_for), true};
    });
}

std::vector<Survival> recovery_times(const RunRecord& run, const std::string& id) {
    return times_of(run, id, [](const InjectionMeasures& measures) -> std::optional<Survival> {
        if (measures.recovery_time) return Survival{nanoseconds(*measures.recovery_time), false};
        if (!measures.censored) return std::nullopt;
        return Survival{nanoseconds(measures.observed_for), true};
    });
}

}  // namespace faultline::reports
