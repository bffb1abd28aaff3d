// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <sys/types.h>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "targets/core/supervise/supervisor.hpp"

namespace ftsupervisor {

// What children leave behind when they end becomes ours (PR_SET_CHILD_SUBREAPER), so that none of
// it is lost sight of. Source: prctl(2), waitid(2).

[[nodiscard]] faultline::Result<> become_subreaper();

/// A child process that has ended and is not reaped yet.
struct EndedProcess {
    pid_t pid = 0;
    ftcore::ChildExit exit{};
};

/// Calls `ended` for each, which reaps those that it knows (and says so); the others are reaped
/// here.
void for_each_ended(const std::function<bool(const EndedProcess&)>& ended);

/// Kills every process below this one and reaps it. False: some were still there at `deadline`.
bool kill_descendants(faultline::Instant deadline);

}  // namespace ftsupervisor
