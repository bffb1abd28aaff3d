// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/flapping.hpp"

#include <csignal>
#include <pthread.h>
#include <utility>

namespace faultline::link {

bool FlapPlan::on(Instant at) const {
    return (at - start) % period < period / 2;
}

Instant FlapPlan::next_change(Instant at) const {
    const Duration into = (at - start) % period;
    const Duration change = into < period / 2 ? period / 2 : period;
    return at + (change - into);
}

Flapping::Flapping(std::function<Result<>(bool on)> set) : set_(std::move(set)) {
    // Signals to the harness are the main thread's business.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { run(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Flapping::~Flapping() {
    static_cast<void>(stop());  // whoever wants to know has asked before
}

void Flapping::begin(FlapPlan plan) {
    {
        const std::scoped_lock lock(mutex_);
        plan_ = plan;
    }
    changed_.notify_all();
}

Result<> Flapping::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    return outcome_;
}

void Flapping::run() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || plan_; });
    bool on = true;
    while (!stopping_) {
        const Instant looked = now();
        if (const bool wanted = plan_->on(looked); wanted != on) {
            on = wanted;
            lock.unlock();
            auto result = set_(on);
            lock.lock();
            if (!result && outcome_) outcome_ = std::move(result);
            continue;
        }
        changed_.wait_until(lock, plan_->next_change(looked), [this] { return stopping_; });
    }
}

}  // namespace faultline::link
