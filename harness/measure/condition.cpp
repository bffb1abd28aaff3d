// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "harness/measure/observed.hpp"

namespace faultline {

bool is_good(const Operation& operation, const ConditionSpec& condition) {
    if (operation.outcome != Outcome::ok || operation.end_ns == 0) return false;
    return !condition.latency ||
           operation.end_ns - operation.intended_ns <= condition.latency->count();
}

ConditionWatch::ConditionWatch(ConditionSpec condition, Instant from)
    : condition_(std::move(condition)), from_(from) {}

void ConditionWatch::feed(const Operation& operation) {
    if (instant_of(operation.intended_ns) < from_) return;
    while (!window_.empty() &&
           operation.intended_ns > window_.front().intended_ns + condition_.window.count()) {
        judge_first();
        good_count_ -= window_.front().good ? 1 : 0;
        window_.pop_front();
    }
    const bool good = is_good(operation, condition_);
    window_.push_back({operation.intended_ns, operation.end_ns, good, saw_bad_});
    good_count_ += good ? 1 : 0;
    saw_bad_ = saw_bad_ || !good;
}

/// The window that the first operation opens is complete: it holds all of `window_`.
void ConditionWatch::judge_first() {
    const Watched& first = window_.front();
    if (!first.good || !reaches(condition_, good_count_, window_.size())) return;
    if (!held_since_) held_since_ = instant_of(first.end_ns);
    if (!held_after_bad_ && first.after_bad) held_after_bad_ = instant_of(first.end_ns);
}

double ConditionWatch::recent_success() const {
    if (window_.empty()) return 0;
    return static_cast<double>(good_count_) / static_cast<double>(window_.size());
}

}  // namespace faultline
