// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

bool detected(const TrialState& trial, const Injection& injection) {
    const auto& events = trial.recorder.events();
    return std::any_of(events.rbegin(), events.rend(), [&](const Event& event) {
        return event.signal >= 0 && std::min(event.at, event.seen) >= injection.at();
    });
}

/// Nobody detects a repair: only the first injection's detection is worth waiting for, and those
/// that an expectation asks about.
bool detection_is_expected(const Scenario& scenario, const Injection& injection) {
    return std::any_of(scenario.expectations.begin(),
                       scenario.expectations.end(),
                       [&](const Expectation& expectation) {
                           return expectation.injection == injection.id &&
                                  expectation.metric.starts_with("detect");
                       });
}

bool observed_enough(const TrialState& trial, const Injection& injection, bool detection_counts) {
    const Scenario& scenario = trial.scenario;
    const Duration passed = now() - injection.at();
    if (passed < scenario.success_window) return false;
    if (detection_counts && !scenario.detection.empty() && !detected(trial, injection) &&
        passed < scenario.detection_within) {
        return false;
    }
    // The window that decides recovery must be seen whole.
    return trial.load == nullptr || trial.observation->recovered() ||
           passed >= scenario.recovery.within + scenario.recovery.window;
}

bool observed_enough(const TrialState& trial) {
    if (!trial.schedule->problem().empty()) return true;
    const auto& injections = trial.schedule->injections();
    return std::all_of(injections.begin(), injections.end(), [&](const Injection& injection) {
        const bool first = &injection == &injections.front();
        return observed_enough(
            trial, injection, first || detection_is_expected(trial.scenario, injection));
    });
}

}  // namespace

void inject_and_observe(TrialState& trial) {
    trial.enter(TrialPhase::inject);
    const Scenario& scenario = trial.scenario;
    trial.schedule = std::make_unique<InjectionSchedule>(trial.loop,
                                                         trial.context,
                                                         *trial.fleet,
                                                         *trial.links,
                                                         trial.recorder,
                                                         trial.random.fork("faults"));
    trial.schedule->begin(trial.timeline.steady);
    const Instant control_end = trial.timeline.steady +
                                InjectionSchedule::planned_length(scenario) +
                                scenario.success_window;
    trial.waits.spend([&] {
        return trial.watch_until(Instant::max(), [&] {
            if (trial.context.control || scenario.faults.empty()) return now() >= control_end;
            return trial.schedule->finished() && observed_enough(trial);
        });
    });
    if (trial.load)
        trial.waits.spend([&] {
            trial.load->stop();
            return 0;
        });
    trial.socket->drain();
    trial.timeline.end = now();
    trial.note("end");
}

}  // namespace faultline
