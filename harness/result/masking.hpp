// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/secrets.hpp"
#include "harness/result/record.hpp"
#include "harness/timeline/timeline.hpp"

namespace faultline {

// Takes secrets out of what is recorded: every text that targets, the machine or a command line
// could have brought in. Names that the scenario gives stay, or the record would not fit it.

void mask_trial(TrialRecord& trial, const Secrets& secrets);
void mask_timeline(Timeline& timeline, const Secrets& secrets);
/// The manifest's texts beside the scenario, which hides its own.
void mask_manifest(RunRecord& run, const Secrets& secrets);

}  // namespace faultline
