// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/measure/observed.hpp"

namespace faultline {
namespace {

void count_operations(const OperationLog& log, TrialMeasures& measures) {
    measures.total = log.size();
    std::vector<std::uint32_t> lags;
    lags.reserve(log.size());
    for (std::size_t i = 0; i < log.size(); ++i) {
        const Operation& operation = log[i];
        switch (operation.outcome) {
            case Outcome::ok:
                ++measures.ok;
                break;
            case Outcome::failed:
                ++measures.failed;
                break;
            case Outcome::unknown:
                ++measures.unknown;
                break;
        }
        if (operation.failure != Failure::unsent) lags.push_back(operation.lag_us);
    }
    if (lags.empty()) return;
    const auto rank = static_cast<std::ptrdiff_t>((lags.size() * 99 + 99) / 100 - 1);
    std::nth_element(lags.begin(), lags.begin() + rank, lags.end());
    measures.lag_p99 = std::chrono::microseconds(lags[static_cast<std::size_t>(rank)]);
}

/// t0 of the first injection after this one, whatever their order in the list; else the end.
Instant next_after(const Timeline& timeline, std::size_t index) {
    Instant next = timeline.end;
    const Instant own = timeline.injections[index].at();
    for (std::size_t i = 0; i < timeline.injections.size(); ++i) {
        const Instant other = timeline.injections[i].at();
        if (other > own || (other == own && i > index)) next = std::min(next, other);
    }
    return next;
}

}  // namespace

TrialMeasures measure_trial(const Scenario& scenario, const Timeline& timeline, bool control) {
    TrialMeasures measures;
    count_operations(timeline.operations, measures);
    count_false_detections(timeline, control, measures);
    const ObservedOperations operations = observe_operations(scenario, timeline);
    for (std::size_t i = 0; i < timeline.injections.size(); ++i) {
        const InjectionView view{
            scenario, timeline, operations, timeline.injections[i], next_after(timeline, i)};
        InjectionMeasures& injection = measures.injections.emplace_back();
        measure_detection(view, injection);
        measure_recovery(view, injection);
        measure_downtime(view, injection);
        measure_success(view, injection);
        measure_stages(view, injection);
    }
    return measures;
}

}  // namespace faultline
