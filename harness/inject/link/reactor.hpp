// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <sys/epoll.h>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "harness/inject/link/command_queue.hpp"
#include "harness/inject/link/eagerness.hpp"
#include "harness/inject/link/timer_heap.hpp"

namespace faultline::link {

/// What hears of events on a descriptor.
class Watched {
  public:
    Watched() = default;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    virtual ~Watched() = default;
    virtual void on_ready(std::uint32_t events) = 0;
};

/// What gave way to others before it was done, and is called again in the next turn.
class Resumable {
  public:
    virtual ~Resumable() = default;
    virtual void resume() = 0;

  private:
    friend class Reactor;
    static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
    std::size_t queue_place_ = nowhere;
};

/// What is destroyed at the end of the turn in which it ended: until then an event already fetched
/// may still name it.
class Mortal {
  public:
    virtual ~Mortal() = default;
};

/// The engine's event loop. Commands from other threads and timers go before the next event, so
/// that neither waits for a busy batch.
/// Thread: `commands` from any, everything else from the one in `run`.
class Reactor {
  public:
    struct Options {
        /// The thread runs at SCHED_FIFO and must sleep now and then (see realtime.hpp).
        bool paced = false;
    };

    [[nodiscard]] Result<> open();
    [[nodiscard]] CommandQueue& commands() { return commands_; }

    /// Turns until `stop` was called.
    void run(Options options);
    void stop() { stopping_ = true; }

    /// False: the kernel has no room for another.
    [[nodiscard]] bool watch(int fd, Watched& watched, std::uint32_t events);
    void unwatch(int fd);
    void call_at(Timed& timed, Instant due) { timers_.set(timed, due); }
    void call_again(Resumable& resumable);
    void forget(Resumable& resumable);
    /// Many bytes were moved in this event.
    void note_bulk() { eagerness_.heard_bulk(); }
    void bury(std::unique_ptr<Mortal> mortal) { buried_.push_back(std::move(mortal)); }

  private:
    [[nodiscard]] int wait();
    [[nodiscard]] int sleep_until(Instant due);
    [[nodiscard]] int wait_for(Duration span);
    void see_to_commands_and_timers();
    void resume_queued();
    void breathe();

    static constexpr std::size_t events_max = 256;

    UniqueFd epoll_;
    CommandQueue commands_;
    TimerHeap timers_;
    std::vector<Resumable*> queue_;
    std::vector<std::unique_ptr<Mortal>> buried_;
    std::array<epoll_event, events_max> events_{};
    Eagerness eagerness_;
    Instant slept_{};
    bool precise_wait_ = true;  // epoll_pwait2 is there
    bool paced_ = false;
    bool stopping_ = false;
};

}  // namespace faultline::link
