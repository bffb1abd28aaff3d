// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <sys/epoll.h>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline {

/// epoll with waits to the nanosecond and a wake-up from other threads.
/// Thread: one; only `wake` may be called from others.
class Poller {
  public:
    /// Errors: no descriptors left.
    [[nodiscard]] static Result<Poller> make();

    /// Watches `fd`; its events carry `tag`. Requires: tag < 2^32.
    [[nodiscard]] Result<> add(int fd, std::uint32_t events, std::uint32_t tag);
    void change(int fd, std::uint32_t events, std::uint32_t tag);

    /// Waits until something happened or `until` has come; wake-ups are swallowed. The answer is
    /// valid until the next call.
    [[nodiscard]] std::span<const epoll_event> wait(Instant until, Instant now);

    void wake() const;

  private:
    static constexpr int events_max = 512;
    Poller(UniqueFd epoll, UniqueFd wake_up);
    int wait_precisely(timespec span);

    UniqueFd epoll_;
    UniqueFd wake_up_;
    bool has_pwait2_ = true;
    std::vector<epoll_event> events_;
};

/// Lets this thread's waits end on time: without the default slack of 50 us, which would be most of
/// the error, and with a short slice, which the scheduler serves earlier when others are busy.
/// Source: prctl(2), PR_SET_TIMERSLACK; sched_setattr(2), EEVDF slices since Linux 6.12.
void make_waits_precise();

}  // namespace faultline
