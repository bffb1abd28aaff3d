// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "harness/measure/observed.hpp"

namespace faultline {
namespace {

std::string_view field_of(const Event& event, const char* name) {
    const auto found = event.fields.find(name);
    return found == event.fields.end() ? std::string_view() : std::string_view(found->second);
}

/// A `repair` that says it only begins is the decision; any other is the result.
bool begins(const Event& event) {
    const std::string_view state = field_of(event, "state");
    return state == "begin" || state == "started";
}

void keep_first(std::optional<Duration>& stage, Duration at) {
    if (!stage || at < *stage) stage = at;
}

void add_event(Stages& stages, const Event& event, Duration at) {
    if (event.name == "detected") {
        keep_first(stages.detected, at);
    } else if (event.name == "located" || event.name == "diagnosed") {
        keep_first(stages.located, at);
    } else if (event.name == "decided" || (event.name == "repair" && begins(event))) {
        keep_first(stages.decided, at);
    } else if (event.name == "repaired" || event.name == "repair") {
        keep_first(stages.repaired, at);
    } else if (event.name == "verified") {
        keep_first(stages.verified, at);
    }
}

bool names_cause(const Event& event) {
    return (event.name == "diagnosed" || event.name == "detected") &&
           !field_of(event, "cause").empty();
}

}  // namespace

// What targets say is taken from t0 to the next injection: later words are about that one. Where
// they cannot be told apart the stage stays empty, which claims nothing.
void measure_stages(const InjectionView& view, InjectionMeasures& measures) {
    Stages& stages = measures.stages;
    const auto since = [&](Instant at) { return std::max(at - view.t0(), Duration::zero()); };
    if (view.injection.observed) stages.effective = since(*view.injection.observed);
    stages.detected = measures.detection_time;
    stages.serving = measures.recovery_time;
    if (view.timeline.redundant && *view.timeline.redundant >= view.t0()) {
        stages.redundant = since(*view.timeline.redundant);
        measures.redundancy_time = stages.redundant;
    }

    // The cause is the first `diagnosed` one; `detected` names it only where nothing was diagnosed.
    const Event* named = nullptr;
    for (const Event& event : view.timeline.events) {
        if (event.source != EventSource::target) continue;
        const Instant at = happened_at(event);
        if (at < view.injection.call_begin || at >= view.next) continue;
        add_event(stages, event, since(at));
        if (!names_cause(event)) continue;
        const bool better = named == nullptr ||
                            (event.name == "diagnosed" && named->name == "detected") ||
                            (event.name == named->name && at < happened_at(*named));
        if (better) named = &event;
    }
    if (named != nullptr) measures.diagnosis = field_of(*named, "cause");
}

}  // namespace faultline
