// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/run/trial_state.hpp"

namespace faultline {

// The phases of a trial, in their order; each in a file of its own (trial_launch.cpp ...). Those
// that answer false have settled the outcome, and the trial goes on with the tear-down.

/// Ports, folders, files, sockets; then every target, until all are ready.
[[nodiscard]] bool start_targets(TrialState& trial);
/// The load runs and its operations meet the scenario's condition.
[[nodiscard]] bool reach_steady_state(TrialState& trial);
/// Injects by the schedule and waits until there is nothing more to be seen; ends the load.
void inject_and_observe(TrialState& trial);
/// Takes every fault back, waits for redundancy, reads the writes back.
void quiet_period(TrialState& trial);
/// Nothing of the trial remains; what does is in the record.
void tear_down(TrialState& trial);
/// The timeline is complete: fills the measures of the record.
void measure(TrialState& trial);

/// Makes the load and starts it; false when it cannot be.
[[nodiscard]] bool start_load(TrialState& trial);

}  // namespace faultline
