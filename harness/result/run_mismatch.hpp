// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/judge/comparison.hpp"
#include "harness/result/record.hpp"

namespace faultline {

/// In what two runs are not alike, the serious first. Serious is what makes their figures mean
/// different things: another scenario, other parameters, another load, fault or condition, another
/// CPU, number of cores or kind of network. What may be the very thing that is compared (the
/// targets, the version) or changes little (kernel, memory, a busier machine) is only told.
/// Expectations, trials and seeds do not matter.
[[nodiscard]] std::vector<Mismatch> mismatches_between(const RunRecord& base,
                                                       const RunRecord& head);

[[nodiscard]] bool any_serious(const std::vector<Mismatch>& mismatches);

}  // namespace faultline
