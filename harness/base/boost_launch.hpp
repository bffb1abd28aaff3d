// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>

#include "harness/base/child_plan.hpp"
#include "harness/base/result.hpp"

namespace faultline {

/// Forks and executes `plan` through Boost.Process v1; the caller reaps the child.
/// Errors: the step that failed, as in `child_error`; no child is left then.
/// Thread: any; slow from a process with much memory (fork copies its page tables).
[[nodiscard]] Result<pid_t> launch_with_boost(const ChildPlan& plan, const std::string& asked_for);

}  // namespace faultline
