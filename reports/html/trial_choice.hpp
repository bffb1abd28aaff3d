// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "harness/result/record.hpp"

namespace faultline::reports {

/// The trials worth a close look come first: the one asked for, the median, the slowest, what was
/// censored, left out, lost writes or stale reads, a control; then the others in order.
struct TrialChoice {
    std::vector<int> trials{};  // all, each once
    std::size_t telling = 0;    // how many of them are worth a close look
};
[[nodiscard]] TrialChoice choose_trials(const RunRecord& run, std::optional<int> asked = {});

}  // namespace faultline::reports
