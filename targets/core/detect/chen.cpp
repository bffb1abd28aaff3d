// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/chen.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore {

ChenDetector::ChenDetector(ChenSettings settings) : settings_(settings) {
    FL_CHECK_OP(>, settings.window, 0U);
    FL_CHECK_OP(>, settings.safety_margin.count(), 0);
    shifted_.reserve(settings.window);
}

void ChenDetector::arrived(Instant now, std::uint64_t sequence, Duration interval) {
    if (shifted_.empty() || interval != interval_) return restart(now, sequence, interval);
    if (sequence <= last_sequence_) return;
    last_sequence_ = sequence;
    last_ = now;
    const auto number = static_cast<std::int64_t>(sequence - origin_sequence_);
    const Duration shifted = (now - origin_) - number * interval_;
    sum_ += shifted;
    if (shifted_.size() < settings_.window) {
        shifted_.push_back(shifted);
        return;
    }
    sum_ -= shifted_[next_];
    shifted_[next_] = shifted;
    next_ = (next_ + 1) % settings_.window;
}

Assessment ChenDetector::assess(Instant now) const {
    if (shifted_.empty()) return {};
    const double level =
        static_cast<double>((now - last_).count()) /
        static_cast<double>(std::max<Duration>(deadline() - last_, Duration(1)).count());
    return {now >= deadline() ? Trust::suspected : Trust::trusted, level};
}

Instant ChenDetector::deadline() const {
    if (shifted_.empty()) return Instant::max();
    const auto next_number = static_cast<std::int64_t>(last_sequence_ - origin_sequence_) + 1;
    const Duration mean = sum_ / static_cast<std::int64_t>(shifted_.size());
    return origin_ + mean + next_number * interval_ + settings_.safety_margin;
}

void ChenDetector::reset(Instant /*now*/) {
    shifted_.clear();
    next_ = 0;
    sum_ = Duration::zero();
}

void ChenDetector::restart(Instant now, std::uint64_t sequence, Duration interval) {
    reset(now);
    interval_ = interval;
    origin_ = now;
    origin_sequence_ = sequence;
    last_sequence_ = sequence;
    last_ = now;
    shifted_.push_back(Duration::zero());
}

}  // namespace ftcore
