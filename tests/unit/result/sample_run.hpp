// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/result/record.hpp"

namespace faultline {

/// A trial in which everything that can be there is there.
[[nodiscard]] TrialRecord sample_trial(int number);

/// A finished run of 20 fault trials and 2 control trials that passed, with a hand-made summary.
[[nodiscard]] RunRecord sample_run();

/// The same with a trial that was censored, one that was unhealthy, one that was disturbed, a
/// broken expectation and one that cannot be decided.
[[nodiscard]] RunRecord sample_failed_run();

}  // namespace faultline
