// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace metronome {

/// The event loop: descriptors through epoll, and timers that fire within microseconds. A timerfd
/// wakes it shortly before the next timer; from there it polls without sleeping, still serving
/// descriptors, because a sleeping thread is woken up to 100 us late.
/// Thread: one.
class Poller {
  public:
    using Id = std::uint64_t;  // never used twice; 0 is nobody
    using OnEvents = std::function<void(Id watch, std::uint32_t epoll_events)>;
    using OnTime = std::function<void(faultline::Instant planned)>;

    [[nodiscard]] static faultline::Result<std::unique_ptr<Poller>> open();

    /// Calls `on_events` for `fd` (EPOLLIN, EPOLLOUT; EPOLLHUP and EPOLLERR always) until
    /// forgotten.
    [[nodiscard]] faultline::Result<Id> watch(int fd,
                                              std::uint32_t epoll_events,
                                              OnEvents on_events);
    void change(Id watch, std::uint32_t epoll_events);
    void forget(Id watch);

    /// Calls `on_time` once, at `when`, unless cancelled; timers go before descriptors.
    Id call_at(faultline::Instant when, OnTime on_time);
    void cancel(Id timer);

    /// Runs until `stop`.
    /// Errors: epoll itself fails.
    [[nodiscard]] faultline::Result<> run();
    void stop() { stopping_ = true; }

  private:
    struct Watch {
        int fd;
        OnEvents on_events;
    };
    Poller(faultline::UniqueFd epoll, faultline::UniqueFd timer)
        : epoll_(std::move(epoll)), timer_(std::move(timer)) {}
    void fire_due_timers();
    [[nodiscard]] int sleep_limit();
    void dispatch(Id watch, std::uint32_t epoll_events);

    faultline::UniqueFd epoll_;
    faultline::UniqueFd timer_;
    Id last_id_ = 0;
    std::map<Id, std::unique_ptr<Watch>> watches_;
    std::vector<std::unique_ptr<Watch>>
        forgotten_;  // may be running right now: freed between events
    std::map<std::pair<faultline::Instant, Id>, OnTime> timers_;
    faultline::Instant armed_{};  // what the timerfd is set to
    bool stopping_ = false;
};

}  // namespace metronome
