// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/poller.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/timerfd.h>

namespace metronome {
namespace {

using faultline::Instant;

constexpr std::chrono::microseconds spin_before{150};  // longer than a wake-up is usually late
constexpr std::size_t events_max = 16;                 // handled between two looks at the timers
constexpr Poller::Id timer_id = 0;

}  // namespace

faultline::Result<std::unique_ptr<Poller>> Poller::open() {
    faultline::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return faultline::fail_errno("creating an epoll descriptor", errno);
    faultline::UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!timer) return faultline::fail_errno("creating a timer descriptor", errno);
    // Edge-triggered: the expiry only has to end the sleep, nobody reads it.
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = timer_id}};
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, timer.get(), &event) != 0) {
        return faultline::fail_errno("watching the timer descriptor", errno);
    }
    return std::unique_ptr<Poller>(new Poller(std::move(epoll), std::move(timer)));
}

faultline::Result<Poller::Id> Poller::watch(int fd,
                                            std::uint32_t epoll_events,
                                            OnEvents on_events) {
    const Id id = ++last_id_;
    epoll_event event{.events = epoll_events, .data = {.u64 = id}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
        return faultline::fail_errno("watching descriptor " + std::to_string(fd), errno);
    }
    watches_[id] = std::make_unique<Watch>(Watch{fd, std::move(on_events)});
    return id;
}

void Poller::change(Id watch, std::uint32_t epoll_events) {
    const auto found = watches_.find(watch);
    if (found == watches_.end()) return;
    epoll_event event{.events = epoll_events, .data = {.u64 = watch}};
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, found->second->fd, &event);
}

void Poller::forget(Id watch) {
    const auto found = watches_.find(watch);
    if (found == watches_.end()) return;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second->fd, nullptr);
    forgotten_.push_back(std::move(found->second));
    watches_.erase(found);
}

Poller::Id Poller::call_at(Instant when, OnTime on_time) {
    const Id id = ++last_id_;
    timers_.emplace(std::pair(when, id), std::move(on_time));
    return id;
}

void Poller::cancel(Id timer) {
    std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
}

void Poller::fire_due_timers() {
    while (!timers_.empty() && timers_.begin()->first.first <= faultline::now()) {
        auto due = timers_.extract(timers_.begin());
        due.mapped()(due.key().first);
    }
}

/// Arms the timerfd and answers what epoll_wait may take: -1 until something happens, 0 not at all.
int Poller::sleep_limit() {
    if (timers_.empty()) return -1;
    const Instant wake = timers_.begin()->first.first - spin_before;
    if (wake <= faultline::now()) return 0;
    if (wake != armed_) {
        const auto span = wake.time_since_epoch();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
        const itimerspec when{
            .it_interval = {},
            .it_value = {.tv_sec = seconds.count(), .tv_nsec = (span - seconds).count()}};
        ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
        armed_ = wake;
    }
    return -1;
}

void Poller::dispatch(Id watch, std::uint32_t epoll_events) {
    const auto found = watches_.find(watch);
    if (found != watches_.end()) found->second->on_events(watch, epoll_events);
    forgotten_.clear();
}

faultline::Result<> Poller::run() {
    std::array<epoll_event, events_max> events{};
    while (!stopping_) {
        fire_due_timers();
        forgotten_.clear();
        if (stopping_) break;
        const int count = ::epoll_wait(epoll_.get(), events.data(), int{events_max}, sleep_limit());
        if (count < 0 && errno != EINTR) return faultline::fail_errno("waiting for events", errno);
        for (int i = 0; i < count; ++i) {
            fire_due_timers();
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.u64 != timer_id) dispatch(event.data.u64, event.events);
        }
    }
    return {};
}

}  // namespace metronome
