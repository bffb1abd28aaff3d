// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/base/time.hpp"

namespace faultline::link {

/// How long the engine's thread may run at real-time priority without sleeping. The kernel ends a
/// process whose real-time thread does so for five times as long (RLIMIT_RTTIME): a busy proxy must
/// pause on its own.
constexpr Duration realtime_stretch_max = std::chrono::milliseconds(100);

/// SCHED_FIFO for the calling thread where permitted, else the highest nice priority. Returns
/// whether it is SCHED_FIFO. What the thread forks starts ordinary again.
bool raise_thread_priority();

/// Raises the soft limit of open descriptors to the hard one; never lowers it.
void raise_descriptor_limit();

}  // namespace faultline::link
