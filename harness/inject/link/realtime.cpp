// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/realtime.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

namespace faultline::link {
namespace {

/// Below the injector (10): a fault that falls due goes before the bytes it concerns.
constexpr int proxy_fifo_priority = 9;
constexpr std::chrono::microseconds fuse =
    std::chrono::duration_cast<std::chrono::microseconds>(5 * realtime_stretch_max);

void limit_realtime_stretch() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_RTTIME, &limit) != 0) return;
    const auto wanted = static_cast<rlim_t>(fuse.count());
    if (limit.rlim_cur <= wanted || limit.rlim_max < wanted) return;
    limit.rlim_cur = wanted;
    static_cast<void>(::setrlimit(RLIMIT_RTTIME, &limit));
}

}  // namespace

bool raise_thread_priority() {
    limit_realtime_stretch();
    sched_param parameter{};
    parameter.sched_priority = proxy_fifo_priority;
    if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter) == 0) return true;
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, -20));
    return false;
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace faultline::link
