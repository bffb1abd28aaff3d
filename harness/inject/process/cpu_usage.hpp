// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/inject/process/held_process.hpp"

namespace faultline {

/// CPU time used so far: by the victim's cgroup (descendants too) where it has one, else by the
/// process alone. Errors: it has ended.
[[nodiscard]] Result<Duration> cpu_time_of(const HeldProcess& process);

/// How many threads the process has now, at least 1.
[[nodiscard]] int threads_of(const HeldProcess& process);

}  // namespace faultline
