// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/injector.hpp"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <map>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>
#include <utility>

namespace faultline {
namespace {

/// Sleeping ends 20 to 50 us late and sometimes later; the rest is spun. Never more than this, for
/// a thread that spins at SCHED_FIFO starves the kernel's own threads.
constexpr Duration spin_max = std::chrono::microseconds(100);
/// The fuse: the kernel ends a harness whose real-time thread ran this long without sleeping.
constexpr std::chrono::microseconds realtime_fuse = std::chrono::milliseconds(500);
/// Above ordinary threads, below the kernel's interrupt threads (50).
constexpr int fifo_priority = 10;

void light_fuse() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_RTTIME, &limit) != 0) return;
    const auto wanted = static_cast<rlim_t>(realtime_fuse.count());
    if (limit.rlim_cur <= wanted || limit.rlim_max < wanted) return;
    limit.rlim_cur = wanted;
    static_cast<void>(::setrlimit(RLIMIT_RTTIME, &limit));
}

/// The best that the machine allows, for the calling thread. What it forks starts ordinary again.
std::string raise_priority() {
    light_fuse();
    sched_param parameter{};
    parameter.sched_priority = fifo_priority;
    if (::pthread_setschedparam(::pthread_self(), SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter) ==
            0 ||
        ::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter) == 0) {
        return "SCHED_FIFO";
    }
    if (::setpriority(PRIO_PROCESS, 0, -20) == 0) return "nice -20";
    return "SCHED_OTHER";
}

void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    ::sched_yield();
#endif
}

struct Armed {
    std::function<Result<>()> action;
    std::function<void(Firing)> done;
};

}  // namespace

struct Injector::State {
    std::mutex mutex;
    std::condition_variable changed;
    std::multimap<Instant, Armed> queue;  // equal instants stay in the order they were armed
    bool stopping = false;
    // Tells the spin, which holds no lock, that queue or stopping changed.
    std::atomic<std::uint64_t> changes{0};
    std::string scheduling;
    std::thread thread;  // last: it uses everything above

    void run() {
        std::unique_lock lock(mutex);
        while (!stopping) {
            if (queue.empty()) {
                changed.wait(lock);
                continue;
            }
            const Instant when = queue.begin()->first;
            if (now() < when - spin_max) {
                changed.wait_until(lock, when - spin_max);
                continue;
            }
            if (!spin_until(when, lock)) continue;
            fire(queue.extract(queue.begin()), lock);
        }
    }

    /// Returns false when something changed meanwhile: an earlier action, or the end.
    bool spin_until(Instant when, std::unique_lock<std::mutex>& lock) {
        const std::uint64_t seen = changes;
        lock.unlock();
        while (now() < when && changes == seen)
            pause_briefly();
        lock.lock();
        return changes == seen;
    }

    void fire(decltype(queue)::node_type armed, std::unique_lock<std::mutex>& lock) {
        lock.unlock();
        const Instant begin = now();
        Result<> result = armed.mapped().action();
        const Instant end = now();
        if (armed.mapped().done) armed.mapped().done({armed.key(), begin, end, std::move(result)});
        lock.lock();
    }
};

Injector::Injector() : state_(std::make_unique<State>()) {
    // Signals to the harness are the main thread's business.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::promise<std::string> scheduling;
    auto settled = scheduling.get_future();
    state_->thread = std::thread([state = state_.get(), promise = std::move(scheduling)]() mutable {
        ::prctl(PR_SET_TIMERSLACK, 1UL);
        promise.set_value(raise_priority());
        state->run();
    });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    state_->scheduling = settled.get();
}

Injector::~Injector() {
    {
        const std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
        ++state_->changes;
    }
    state_->changed.notify_all();
    state_->thread.join();
}

void Injector::arm(Instant when,
                   std::function<Result<>()> action,
                   std::function<void(Firing)> done) {
    {
        const std::scoped_lock lock(state_->mutex);
        state_->queue.emplace(when, Armed{std::move(action), std::move(done)});
        ++state_->changes;
    }
    state_->changed.notify_all();
}

std::string Injector::scheduling() const {
    return state_->scheduling;
}

}  // namespace faultline
