// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/latency_shift.hpp"

#include <algorithm>

namespace ftcore {
namespace {

Duration median_of(std::vector<Duration> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

Duration scaled(Duration span, double factor) {
    return faultline::duration_of_seconds(faultline::seconds_of(span) * factor);
}

}  // namespace

LatencyShiftDetector::LatencyShiftDetector(LatencyShiftSettings settings)
    : settings_(settings),
      state_({.on_after = settings.on_after, .off_after = settings.off_after}) {
    baseline_.reserve(settings.baseline_max);
}

Duration LatencyShiftDetector::bound() const {
    if (baseline_.size() < settings_.baseline_min) return Duration::max();
    constexpr double normal_spread = 1.4826;  // a normal's deviation in median absolute deviations
    return std::max({usual_ + scaled(spread_, normal_spread * settings_.deviations),
                     scaled(usual_, settings_.factor),
                     usual_ + settings_.effect_min});
}

Change LatencyShiftDetector::assess(Instant now, Duration median, std::uint64_t operations) {
    if (operations < settings_.operations_min) {
        // Nothing to see is no sign of sickness, and none of health before `off_after`.
        return state_.update(now, operations == 0 ? Reading::good : Reading::between);
    }
    const Reading reading = median > bound() ? Reading::bad : Reading::good;
    const Change change = state_.update(now, reading);
    if (change == Change::begins) began_at_ = now;
    if (state_.active() && now - began_at_ >= settings_.adopt_after) {
        baseline_.clear();
        next_ = 0;
        learn(now, median);
    } else if (reading == Reading::good && !state_.active() &&
               now - learnt_at_ >= settings_.period) {
        learn(now, median);
    }
    return change;
}

void LatencyShiftDetector::learn(Instant now, Duration median) {
    learnt_at_ = now;
    if (baseline_.size() < settings_.baseline_max) {
        baseline_.push_back(median);
    } else {
        baseline_[next_] = median;
        next_ = (next_ + 1) % settings_.baseline_max;
    }
    usual_ = median_of(baseline_);
    std::vector<Duration> deviations;
    deviations.reserve(baseline_.size());
    for (const Duration value : baseline_)
        deviations.push_back(std::chrono::abs(value - usual_));
    spread_ = median_of(std::move(deviations));
}

}  // namespace ftcore
