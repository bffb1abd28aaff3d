// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/scenario/model.hpp"

namespace faultline::cli {

/// Prints what happens when in a fault trial.
void explain_timeline(const Scenario& scenario);

/// Prints what the scenario's measures mean, what is expected of them, and how many trials there
/// are.
void explain_measures(const Scenario& scenario);

}  // namespace faultline::cli
