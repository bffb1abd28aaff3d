// SPDX-License-Identifier: Apache-2.0
#include "harness/load/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr std::uint32_t wake_tag = 0xFFFFFFFFU;
/// Nothing waits longer without looking around once.
constexpr Duration wait_max = std::chrono::seconds(10);
/// Asks for little processor time at once, in exchange for getting it sooner.
constexpr Duration slice = std::chrono::microseconds(100);

/// The kernel's struct sched_attr, version 0; <linux/sched/types.h> clashes with glibc's <sched.h>.
/// Source: sched_setattr(2).
struct SchedulingAttributes {
    std::uint32_t size = 48;
    std::uint32_t policy = 0;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime = 0;
    std::uint64_t deadline = 0;
    std::uint64_t period = 0;
};

}  // namespace

Poller::Poller(UniqueFd epoll, UniqueFd wake_up)
    : epoll_(std::move(epoll)), wake_up_(std::move(wake_up)), events_(events_max) {}

Result<Poller> Poller::make() {
    UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return fail_errno("load: creating an epoll descriptor", errno);
    UniqueFd wake_up(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_up) return fail_errno("load: creating an eventfd", errno);
    Poller poller(std::move(epoll), std::move(wake_up));
    FL_TRY_VOID(poller.add(poller.wake_up_.get(), EPOLLIN, wake_tag));
    return poller;
}

Result<> Poller::add(int fd, std::uint32_t events, std::uint32_t tag) {
    epoll_event event{.events = events, .data = {.u32 = tag}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        return fail_errno("load: watching a connection", errno);
    }
    return {};
}

void Poller::change(int fd, std::uint32_t events, std::uint32_t tag) {
    epoll_event event{.events = events, .data = {.u32 = tag}};
    FL_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

int Poller::wait_precisely(timespec span) {
    if (has_pwait2_) {
        const int count = ::epoll_pwait2(epoll_.get(), events_.data(), events_max, &span, nullptr);
        if (count >= 0 || errno != ENOSYS) return count;
        has_pwait2_ = false;  // before Linux 5.11; an epoll descriptor can itself be polled
    }
    pollfd ready{.fd = epoll_.get(), .events = POLLIN, .revents = 0};
    const int count = ::ppoll(&ready, 1, &span, nullptr);
    return count <= 0 ? count : ::epoll_wait(epoll_.get(), events_.data(), events_max, 0);
}

std::span<const epoll_event> Poller::wait(Instant until, Instant now) {
    const Duration span = std::clamp(until - now, Duration(0), wait_max);
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(span);
    const int count =
        wait_precisely(timespec{.tv_sec = whole.count(), .tv_nsec = (span - whole).count()});
    if (count < 0) {
        FL_CHECK(errno == EINTR);
        return {};
    }
    auto end = events_.begin() + count;
    const auto woken = std::find_if(
        events_.begin(), end, [](const epoll_event& event) { return event.data.u32 == wake_tag; });
    if (woken != end) {
        std::uint64_t ignored = 0;
        static_cast<void>(!::read(wake_up_.get(), &ignored, sizeof ignored));
        *woken = *--end;
    }
    return {events_.begin(), end};
}

void Poller::wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_up_.get(), &one, sizeof one));
}

void make_waits_precise() {
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    // Not real-time: a generator at its limit must not starve the target. Kernels before 6.12
    // ignore the slice; then the recorded lag says what that costs.
    SchedulingAttributes attributes;
    attributes.nice = ::getpriority(PRIO_PROCESS, 0);
    attributes.runtime = static_cast<std::uint64_t>(slice.count());
    static_cast<void>(::syscall(SYS_sched_setattr, 0, &attributes, 0));
}

}  // namespace faultline
