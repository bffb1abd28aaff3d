// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

/// What the first fault names and is not there; empty: nothing. What an event will bring about need
/// not be there yet, nor what later faults name.
std::string missing_victim(const TrialState& trial) {
    const auto& faults = trial.scenario.faults;
    if (faults.empty() || !faults.front().trigger.at) return "";
    const FaultTargets targets(
        *trial.fleet, *trial.links, [](const std::string&) { return nullptr; });
    return targets.missing(faults.front());
}

bool explain_no_steady_state(TrialState& trial) {
    if (trial.loop.interrupted())
        return trial.end_with(TrialOutcome::interrupted, "interrupted before steady state");
    if (!trial.guardian_alive) return false;
    const Fleet& fleet = *trial.fleet;
    for (int i = 0; i < fleet.size(); ++i) {
        if (fleet.instance(i).running()) continue;
        const auto& status = fleet.instance(i).last_exit();
        return trial.end_with(TrialOutcome::unhealthy,
                              fmt::format("{} ended before steady state ({})",
                                          fleet.instance(i).name(),
                                          status ? describe(*status) : "never started"));
    }
    const ConditionSpec& condition = trial.scenario.steady_state;
    if (const std::string missing = missing_victim(trial); !missing.empty()) {
        return trial.end_with(TrialOutcome::unhealthy,
                              fmt::format("\"{}\" matched no {} within {}",
                                          missing,
                                          has_arrow(missing) ? "link" : "instance",
                                          format_duration(condition.within)));
    }
    const LoadProgress seen = trial.load->progress();
    return trial.end_with(
        TrialOutcome::unhealthy,
        fmt::format("steady state was not reached within {}: {} good of the last window (asked "
                    "{}), {} ok, {} failed, {} unknown of {} operations",
                    format_duration(condition.within),
                    format_share(trial.observation->recent_success()),
                    format_share(condition.success_rate),
                    seen.ok,
                    seen.failed,
                    seen.unknown,
                    seen.intended));
}

}  // namespace

bool reach_steady_state(TrialState& trial) {
    trial.enter(TrialPhase::steady_state);
    if (!start_load(trial)) return false;
    Timeline& timeline = trial.timeline;
    trial.observation.emplace(trial.scenario, trial.load.get(), timeline.load_start);
    const Instant deadline = timeline.load_start + trial.scenario.steady_state.within;
    const bool reached = trial.waits.spend([&] {
        return trial.watch_until(
            deadline, [&] { return trial.observation->steady() && missing_victim(trial).empty(); });
    });
    if (!reached) return explain_no_steady_state(trial);
    timeline.steady = now();
    trial.note("steady");
    return true;
}

}  // namespace faultline
