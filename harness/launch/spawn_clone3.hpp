// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "harness/base/child_plan.hpp"
#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline {

struct Spawned {
    pid_t pid = -1;
    UniqueFd pidfd;
};

/// Starts `plan` with clone3 and CLONE_VFORK, inside the cgroup of `cgroup_fd` unless that is -1.
/// The cost does not grow with the memory of the harness, unlike fork's. Errors: as `child_error`;
/// `unsupported` when the kernel or a sandbox forbids clone3. Thread: any, also at the same time.
/// Source: clone(2).
[[nodiscard]] Result<Spawned> spawn_clone3(const ChildPlan& plan,
                                           const std::string& asked_for,
                                           int cgroup_fd);

/// Whether clone3 works here, found by making a child that cannot execute.
[[nodiscard]] bool clone3_works();

}  // namespace faultline
