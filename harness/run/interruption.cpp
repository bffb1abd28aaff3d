// SPDX-License-Identifier: Apache-2.0
#include "harness/run/interruption.hpp"

namespace faultline {

void Interruption::request() {
    const std::lock_guard lock(mutex_);
    requested_ = true;
    for (Loop* loop : loops_)
        loop->interrupt();
}

Interruption::Registration::Registration(Interruption& interruption, Loop& loop)
    : interruption_(interruption), loop_(loop) {
    const std::lock_guard lock(interruption_.mutex_);
    interruption_.loops_.insert(&loop_);
    if (interruption_.requested_) loop_.interrupt();
}

Interruption::Registration::~Registration() {
    const std::lock_guard lock(interruption_.mutex_);
    interruption_.loops_.erase(&loop_);
}

}  // namespace faultline
