// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "harness/measure/observed.hpp"

namespace faultline {

void measure_detection(const InjectionView& view, InjectionMeasures& measures) {
    const Instant deadline =
        std::min(view.t0() + view.scenario.detection_within, view.timeline.end);
    measures.detection_observed_for = std::max(deadline - view.t0(), Duration::zero());
    const Event* first = nullptr;
    for (const Event& event : view.timeline.events) {
        // A fault may show before the call that applied it has returned: what happens inside the
        // bracket is its doing, and the bracket is the resolution.
        if (event.signal < 0 || happened_at(event) < view.injection.call_begin) continue;
        if (happened_at(event) > deadline) continue;
        if (first == nullptr || happened_at(event) < happened_at(*first)) first = &event;
    }
    if (first == nullptr) return;
    measures.detection_time = std::max(happened_at(*first) - view.t0(), Duration::zero());
    measures.detected_by = describe_origin(*first);
}

void count_false_detections(const Timeline& timeline, bool control, TrialMeasures& measures) {
    if (timeline.steady == Instant{}) return;  // steady state was never reached
    Instant until = timeline.end;
    if (!control) {
        for (const Injection& injection : timeline.injections) {
            until = std::min(until, injection.call_begin);
        }
    }
    measures.false_detection_exposure = std::max(until - timeline.steady, Duration::zero());
    for (const Event& event : timeline.events) {
        if (event.signal < 0 || happened_at(event) < timeline.steady) continue;
        if (happened_at(event) < until || (control && happened_at(event) == until)) {
            ++measures.false_detections;
        }
    }
}

}  // namespace faultline
