// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <boost/math/distributions/normal.hpp>

#include "harness/measure/statistics.hpp"

namespace faultline {

SurvivalCurve::SurvivalCurve(std::span<const Survival> times) {
    std::vector<Survival> sorted(times.begin(), times.end());
    // At equal times what happened comes before what was only waited for.
    std::ranges::sort(sorted, [](const Survival& a, const Survival& b) {
        return a.time != b.time ? a.time < b.time : !a.censored && b.censored;
    });
    double surviving = 1;
    double greenwood = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        if (sorted[i].censored) {
            ++i;
            continue;
        }
        const double at_risk = static_cast<double>(sorted.size() - i);
        const double time = sorted[i].time;
        double ended = 0;
        for (; i < sorted.size() && !sorted[i].censored && sorted[i].time == time; ++i)
            ++ended;
        surviving *= (at_risk - ended) / at_risk;
        if (ended < at_risk) greenwood += ended / (at_risk * (at_risk - ended));
        steps_.push_back({time, surviving, greenwood});
    }
    for (const Survival& survival : sorted) {
        earliest_.push_back(survival.time);
        if (!survival.censored) latest_.push_back(survival.time);
    }
    latest_.resize(sorted.size(), std::numeric_limits<double>::infinity());
}

std::optional<double> SurvivalCurve::quantile(double q) const {
    constexpr double rounding = 1e-9;
    for (const Step& step : steps_) {
        if (step.surviving <= 1 - q + rounding) return step.time;
    }
    return std::nullopt;
}

SurvivalQuantile SurvivalCurve::quantile(double q, double confidence) const {
    SurvivalQuantile result{quantile(q), brookmeyer_crowley(q, confidence)};
    // The log-log interval is an approximation that would close ends which ten trials cannot close.
    const double low = quantile_interval(latest_, q, confidence).low;
    const double high = quantile_interval(earliest_, q, confidence).high;
    result.interval.low = std::min(result.interval.low, low);
    result.interval.high = std::max(result.interval.high, high);
    return result;
}

/// How far the curve at a step lies beyond the quantile, in standard errors on the log-log scale.
double SurvivalCurve::standard_distance(const Step& step, double q) {
    const double log_surviving = std::log(step.surviving);
    const double difference = std::log(-log_surviving) - std::log(-std::log1p(-q));
    return difference / (std::sqrt(step.greenwood) / -log_surviving);
}

Interval SurvivalCurve::brookmeyer_crowley(double q, double confidence) const {
    const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
    Interval interval;
    bool open_below = true;
    for (const Step& step : steps_) {
        // Where nothing survives the scale has no value; such a step closes no end above.
        const double distance = step.surviving > 0 ? standard_distance(step, q) : z;
        if (open_below && distance >= -z) {
            interval.low = step.time;
            open_below = false;
        }
        if (distance > z) {
            interval.high = step.time;
            break;
        }
    }
    return interval;
}

SurvivalQuantile kaplan_meier_quantile(std::span<const Survival> times,
                                       double q,
                                       double confidence) {
    return SurvivalCurve(times).quantile(q, confidence);
}

}  // namespace faultline
