// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

/// Gathers what the rooms have seen, in the order of its happening.
void complete(Timeline& timeline, TrialState& trial) {
    if (trial.load) {
        trial.record.operations_redirected = trial.load->progress().redirected;
        timeline.operations = trial.load->take_log();
    }
    timeline.events = trial.recorder.take();
    if (trial.schedule && timeline.injections.empty())
        timeline.injections = trial.schedule->injections();
    if (timeline.end == Instant{}) timeline.end = now();
    std::stable_sort(timeline.events.begin(),
                     timeline.events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
}

}  // namespace

void measure(TrialState& trial) {
    Timeline& timeline = trial.timeline;
    TrialRecord& record = trial.record;
    complete(timeline, trial);
    const TrialMeasures measures = measure_trial(trial.scenario, timeline, trial.context.control);
    for (std::size_t i = 0; i < timeline.injections.size(); ++i) {
        record.injections.push_back({timeline.injections[i], measures.injections[i]});
        if (timeline.injections[i].mechanism.find("fallback") != std::string::npos) {
            trial.mark(timeline.injections[i].mechanism);
        }
    }
    record.operations_total = measures.total;
    record.operations_ok = measures.ok;
    record.operations_failed = measures.failed;
    record.operations_unknown = measures.unknown;
    record.lag_p99 = measures.lag_p99;
    if (trial.scenario.load && measures.lag_p99 && *measures.lag_p99 > trial.scenario.load->lag_max)
        trial.mark("lag");
    record.false_detections = measures.false_detections;
    record.false_detection_exposure = measures.false_detection_exposure;
}

}  // namespace faultline
