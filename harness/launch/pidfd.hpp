// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline {

// A pidfd names a process, not a number that the kernel gives to another one later.
// Source: pidfd_open(2), pidfd_send_signal(2).

/// Empty, with errno set, when there is no such process.
[[nodiscard]] UniqueFd open_pidfd(pid_t pid);

/// Errors: `not_found` when it has ended, also while nobody has reaped it.
[[nodiscard]] Result<> send_signal(int pidfd, int number);

/// Waits until the process has ended or `deadline` passes; returns whether it has ended.
[[nodiscard]] bool wait_ended(int pidfd, Instant deadline);
[[nodiscard]] bool has_ended(int pidfd);

}  // namespace faultline
