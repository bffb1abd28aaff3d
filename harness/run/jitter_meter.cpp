// SPDX-License-Identifier: Apache-2.0
#include "harness/run/jitter_meter.hpp"

#include <algorithm>
#include <sys/prctl.h>
#include <time.h>

namespace faultline {
namespace {

constexpr Duration period = std::chrono::milliseconds(2);
constexpr std::size_t samples_max = 1'000'000;

void sleep_until(Instant when) {
    const std::int64_t ns = nanoseconds_of(when);
    const timespec at{ns / 1'000'000'000, ns % 1'000'000'000};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
}

}  // namespace

JitterMeter::JitterMeter() : thread_([this] { measure(); }) {}

JitterMeter::~JitterMeter() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void JitterMeter::measure() {
    ::prctl(PR_SET_TIMERSLACK, 1UL);
    while (!stopping_ && lateness_.size() < samples_max) {
        const Instant due = now() + period;
        sleep_until(due);
        lateness_.push_back(now() - due);
    }
}

std::vector<Duration> JitterMeter::finish() {
    stopping_ = true;
    thread_.join();
    std::sort(lateness_.begin(), lateness_.end());
    return std::move(lateness_);
}

}  // namespace faultline
