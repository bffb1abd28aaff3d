// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/phi_accrual.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "harness/base/check.hpp"

namespace ftcore {
namespace {

/// P(X > x) for a standard normal X.
double upper_tail(double x) {
    return 0.5 * std::erfc(x / std::numbers::sqrt2);
}

/// The x with -log10 P(X > x) = phi, by bisection: the tail is monotone.
double deviations_at(double phi) {
    constexpr double far = 38;  // beyond, the tail is not a number of type double any more
    constexpr int halvings = 60;
    double low = 0;
    double high = far;
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        (-std::log10(upper_tail(middle)) < phi ? low : high) = middle;
    }
    return high;
}

}  // namespace

PhiAccrualDetector::PhiAccrualDetector(PhiSettings settings)
    : settings_(settings), deviations_(deviations_at(settings.threshold)) {
    FL_CHECK_OP(>, settings.threshold, 0.31);  // log10(2): less would suspect before the mean
    FL_CHECK_OP(<, settings.threshold, 300.0);
    FL_CHECK_OP(>=, settings.window, spans_min);
    spans_.reserve(settings.window);
}

void PhiAccrualDetector::arrived(Instant now, std::uint64_t sequence, Duration interval) {
    if (interval != interval_) {
        reset(now);  // what was learnt belongs to another interval
        interval_ = interval;
    }
    if (last_) {
        if (sequence <= last_sequence_) return;
        remember(std::min(now - *last_, span_max) / std::chrono::microseconds(1));
    }
    last_ = now;
    last_sequence_ = sequence;
}

Assessment PhiAccrualDetector::assess(Instant now) const {
    if (!last_) return {};
    const double silent = faultline::seconds_of(now - *last_);
    const double tail = upper_tail((silent - mean()) / deviation());
    const double phi = tail > 0 ? -std::log10(tail) : 300;
    return {now >= deadline() ? Trust::suspected : Trust::trusted, phi};
}

Instant PhiAccrualDetector::deadline() const {
    if (!last_) return Instant::max();
    return *last_ + faultline::duration_of_seconds(mean() + deviations_ * deviation());
}

void PhiAccrualDetector::reset(Instant /*now*/) {
    last_.reset();
    spans_.clear();
    next_ = 0;
    sum_ = 0;
    sum_of_squares_ = 0;
}

double PhiAccrualDetector::mean() const {
    if (spans_.size() < spans_min) return faultline::seconds_of(interval_);
    return static_cast<double>(sum_) / static_cast<double>(spans_.size()) * 1e-6;
}

double PhiAccrualDetector::deviation() const {
    const double least = faultline::seconds_of(settings_.deviation_min);
    if (spans_.size() < spans_min) {
        return std::max(faultline::seconds_of(interval_) / 2, least);
    }
    const auto count = static_cast<double>(spans_.size());
    const double average = static_cast<double>(sum_) / count;
    const double variance = static_cast<double>(sum_of_squares_) / count - average * average;
    return std::max(std::sqrt(std::max(variance, 0.0)) * 1e-6, least);
}

void PhiAccrualDetector::remember(std::int64_t microseconds) {
    sum_ += microseconds;
    sum_of_squares_ += microseconds * microseconds;
    if (spans_.size() < settings_.window) {
        spans_.push_back(microseconds);
        return;
    }
    const std::int64_t oldest = spans_[next_];
    sum_ -= oldest;
    sum_of_squares_ -= oldest * oldest;
    spans_[next_] = microseconds;
    next_ = (next_ + 1) % settings_.window;
}

}  // namespace ftcore
