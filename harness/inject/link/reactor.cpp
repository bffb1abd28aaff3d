// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/reactor.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <sys/prctl.h>
#include <utility>

#include "harness/base/check.hpp"
#include "harness/inject/link/realtime.hpp"

namespace faultline::link {
namespace {

/// A sleep ends 20 to 50 us late; the last part before an instant is polled away instead.
constexpr Duration polled_before_due = std::chrono::microseconds(50);
/// An ordinary thread's sleep in epoll may also end late by this part of its length.
/// Source: Linux fs/select.c, select_estimate_accuracy.
constexpr int slack_divisor = 1000;

/// A wait that took longer was no mere look.
constexpr Duration surely_slept = std::chrono::microseconds(20);

timespec timespec_of(Duration span) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
    return {.tv_sec = seconds.count(), .tv_nsec = (span - seconds).count()};
}

}  // namespace

Result<> Reactor::open() {
    epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) return fail_errno("making an epoll descriptor for the proxy", errno);
    FL_TRY_VOID(commands_.open());
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = nullptr;  // nobody: `see_to_commands_and_timers` looks anyway
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, commands_.descriptor(), &event) != 0) {
        return fail_errno("watching the proxy's commands", errno);
    }
    return {};
}

bool Reactor::watch(int fd, Watched& watched, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &watched;
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Reactor::unwatch(int fd) {
    // Closing alone does not do it while a process that is just being launched shares the
    // descriptor.
    static_cast<void>(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr));
}

void Reactor::call_again(Resumable& resumable) {
    if (resumable.queue_place_ != Resumable::nowhere) return;
    resumable.queue_place_ = queue_.size();
    queue_.push_back(&resumable);
}

void Reactor::forget(Resumable& resumable) {
    if (resumable.queue_place_ == Resumable::nowhere) return;
    queue_[resumable.queue_place_] = nullptr;
    resumable.queue_place_ = Resumable::nowhere;
}

void Reactor::run(Options options) {
    paced_ = options.paced;
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    slept_ = now();
    while (!stopping_) {
        const int ready = wait();
        for (int index = 0; index < ready; ++index) {
            see_to_commands_and_timers();
            const epoll_event& event = events_[static_cast<std::size_t>(index)];
            if (event.data.ptr == nullptr) continue;
            eagerness_.heard(event.data.ptr);
            static_cast<Watched*>(event.data.ptr)->on_ready(event.events);
        }
        see_to_commands_and_timers();
        resume_queued();
        buried_.clear();
        if (paced_) breathe();
    }
}

int Reactor::wait() {
    if (!queue_.empty()) return wait_for(Duration::zero());
    const Instant due = timers_.next();
    const Instant begin = now();
    if (due != Instant::max() && due - begin <= polled_before_due) {
        return wait_for(Duration::zero());
    }
    int ready = 0;
    if (eagerness_.polls()) {
        const Instant enough = std::min(begin + Eagerness::window, due);
        while (ready == 0 && now() < enough)
            ready = wait_for(Duration::zero());
    }
    const Instant sleeping = now();
    if (ready == 0) ready = sleep_until(due);
    const Instant end = now();
    eagerness_.waited(end - begin);
    if (end - sleeping > surely_slept) slept_ = end;
    return ready;
}

int Reactor::sleep_until(Instant due) {
    if (due == Instant::max()) return wait_for(Duration::max());
    const Duration left = due - now();
    if (left <= polled_before_due) return wait_for(Duration::zero());
    return wait_for(left - polled_before_due - left / slack_divisor);
}

int Reactor::wait_for(Duration span) {
    const auto count = static_cast<int>(events_max);
    int ready = -1;
    if (span == Duration::zero()) {
        ready = ::epoll_wait(epoll_.get(), events_.data(), count, 0);
    } else if (span == Duration::max()) {
        ready = ::epoll_wait(epoll_.get(), events_.data(), count, -1);
    } else {
        if (precise_wait_) {
            const timespec timeout =
                timespec_of(std::max(span, Duration(std::chrono::microseconds(1))));
            ready = ::epoll_pwait2(epoll_.get(), events_.data(), count, &timeout, nullptr);
            precise_wait_ = ready >= 0 || (errno != ENOSYS && errno != EPERM);
        }
        if (!precise_wait_) {
            // Before Linux 5.11: whole milliseconds, and the rest is polled away.
            const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
            constexpr std::int64_t longest = 3'600'000;
            ready = ::epoll_wait(epoll_.get(),
                                 events_.data(),
                                 count,
                                 static_cast<int>(std::clamp<std::int64_t>(whole, 0, longest)));
        }
    }
    FL_CHECK(ready >= 0 || errno == EINTR);
    return std::max(ready, 0);
}

void Reactor::see_to_commands_and_timers() {
    if (commands_.waiting()) commands_.carry_out();
    if (timers_.next() == Instant::max()) return;
    const Instant instant = now();
    // Each once: one that asks for the same instant again has its turn after the next events.
    for (std::size_t left = timers_.size(); left > 0; --left) {
        Timed* const timed = timers_.take_due(instant);
        if (timed == nullptr) return;
        timed->on_time(instant);
    }
}

void Reactor::resume_queued() {
    if (queue_.empty()) return;
    // One at a time out of `queue_`, for whom is resumed may end others that still stand in it.
    const std::size_t count = queue_.size();
    for (std::size_t index = 0; index < count; ++index) {
        Resumable* const resumable = std::exchange(queue_[index], nullptr);
        if (resumable == nullptr) continue;
        resumable->queue_place_ = Resumable::nowhere;
        resumable->resume();
        see_to_commands_and_timers();
    }
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t index = 0; index < queue_.size(); ++index) {
        if (queue_[index] != nullptr) queue_[index]->queue_place_ = index;
    }
}

void Reactor::breathe() {
    const Instant instant = now();
    if (instant - slept_ < realtime_stretch_max) return;
    const timespec moment{.tv_sec = 0, .tv_nsec = 1000};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &moment, nullptr);
    slept_ = instant;
}

}  // namespace faultline::link
