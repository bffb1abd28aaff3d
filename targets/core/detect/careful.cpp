// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/careful.hpp"

#include <algorithm>

#include "harness/base/check.hpp"

namespace ftcore {
namespace {

Duration times(Duration span, double factor) {
    return faultline::duration_of_seconds(faultline::seconds_of(span) * factor);
}

}  // namespace

CarefulDetector::CarefulDetector(CarefulSettings settings, std::unique_ptr<FailureDetector> inner)
    : settings_(settings), inner_(std::move(inner)) {
    FL_CHECK(inner_ != nullptr);
    FL_CHECK_OP(<=, settings.floor.count(), settings.ceiling.count());
}

void CarefulDetector::arrived(Instant now, std::uint64_t sequence, Duration interval) {
    inner_->arrived(now, sequence, interval);
    interval_ = interval;
    last_ = now;
}

Assessment CarefulDetector::assess(Instant now) const {
    if (!last_) return {};
    const double level = inner_->assess(now).level;
    if (now >= deadline()) return {Trust::suspected, level};
    return {now >= doubt_deadline() ? Trust::doubted : Trust::trusted, level};
}

Instant CarefulDetector::deadline() const {
    return last_ ? doubt_deadline() + settings_.confirm : Instant::max();
}

Instant CarefulDetector::doubt_deadline() const {
    return last_ ? *last_ + timeout() : Instant::max();
}

Duration CarefulDetector::timeout() const {
    const Duration beats = times(interval_, settings_.floor_beats);
    const Duration lagging = interval_ + times(lag_, settings_.lag_factor);
    const Instant learnt = inner_->deadline();
    // An inner detector that never suspects by itself has nothing to say about spans.
    const Duration inner = last_ && learnt != Instant::max() ? learnt - *last_ : Duration::zero();
    return std::clamp(
        std::max({beats, lagging, inner}), settings_.floor, std::max(settings_.ceiling, beats));
}

void CarefulDetector::reset(Instant now) {
    inner_->reset(now);
    last_.reset();
}

}  // namespace ftcore
