// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial.hpp"

#include "harness/result/masking.hpp"
#include "harness/run/jitter_meter.hpp"
#include "harness/run/trial_phases.hpp"

namespace faultline {
namespace {

constexpr Duration jitter_mark = std::chrono::milliseconds(5);

}  // namespace

std::string_view name_of(TrialPhase phase) {
    switch (phase) {
        case TrialPhase::provision:
            return "preparing";
        case TrialPhase::launch:
            return "starting";
        case TrialPhase::steady_state:
            return "steady state";
        case TrialPhase::inject:
            return "injecting";
        case TrialPhase::observe:
            return "observing";
        case TrialPhase::quiet:
            return "quiet period";
        case TrialPhase::teardown:
            return "tearing down";
    }
    return "";
}

TrialResult run_trial(const TrialContext& context) {
    TrialState trial(context);
    const Instant begin = now();
    JitterMeter jitter;
    if (start_targets(trial) && reach_steady_state(trial)) {
        inject_and_observe(trial);
        quiet_period(trial);
    }
    tear_down(trial);
    measure(trial);
    TrialRecord& record = trial.record;
    if (const auto lateness = jitter.finish(); !lateness.empty()) {
        record.machine_jitter_p99 = lateness[lateness.size() * 99 / 100];
        if (*record.machine_jitter_p99 > jitter_mark) trial.mark("jitter");
    }
    record.took = now() - begin;
    record.harness_overhead = record.took - trial.waits.waited();
    mask_trial(record, trial.secrets);
    mask_timeline(trial.timeline, trial.secrets);
    return {std::move(record), std::move(trial.timeline)};
}

}  // namespace faultline
