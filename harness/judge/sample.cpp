// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/sample.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace faultline {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::optional<double> if_finite(double value) {
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

Sample::Sample(const std::vector<Survival>& values) {
    earliest_.reserve(values.size());
    latest_.reserve(values.size());
    double longest_measured = -infinity;
    double earliest_censored = infinity;
    for (const Survival& value : values) {
        earliest_.push_back(value.time);
        latest_.push_back(value.censored ? infinity : value.time);
        if (value.censored) {
            ++censored_;
            earliest_censored = std::min(earliest_censored, value.time);
        } else {
            longest_measured = std::max(longest_measured, value.time);
        }
    }
    if (earliest_censored < longest_measured) curve_.emplace(values);
    std::ranges::sort(earliest_);
    std::ranges::sort(latest_);
}

std::optional<double> Sample::quantile(double q) const {
    if (curve_) return curve_->quantile(q);
    return if_finite(faultline::quantile(latest_, q));
}

std::optional<double> Sample::min() const {
    // A trial given up before the first measured time may have been the shortest.
    return earliest_.front() < latest_.front() ? std::nullopt : if_finite(latest_.front());
}

std::optional<double> Sample::max() const {
    return if_finite(latest_.back());
}

std::optional<double> Sample::mean() const {
    if (censored_ > 0) return std::nullopt;
    return std::accumulate(latest_.begin(), latest_.end(), 0.0) / static_cast<double>(size());
}

Interval Sample::quantile_interval(double q, double confidence) const {
    if (curve_) return curve_->quantile(q, confidence).interval;
    return {faultline::quantile_interval(earliest_, q, confidence).low,
            faultline::quantile_interval(latest_, q, confidence).high};
}

}  // namespace faultline
