// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "harness/measure/statistics.hpp"

namespace faultline {
namespace {

// Success rates are the hard case for an interval: twenty trials at exactly 1.0 have no spread, and
// Student's t would claim an interval of width zero, although one trial in twenty may yet fail.
//
// Gaffke's bound has no such hole. It gives every value a random weight (exponentials, normalised)
// together with one more value that was not seen and is as bad as can be: 1 for the upper bound.
// The bound is the quantile of that weighted mean. For zeros and ones it *is* Clopper–Pearson; for
// others it uses how near the values lie. Its guarantee at every n is proven for zeros and ones and
// conjectured in general: no violation is known, and ours is tested by simulation.
// Source: Gaffke, "Three test statistics for a nonparametric one-sided hypothesis on the mean of a
// nonnegative variable" (2005); Learned-Miller and Thomas, "A new confidence interval for the mean
// of a bounded random variable" (2020).
//
// P(weighted mean > m) = P(sum of E_i·(x_i − m) > 0) for independent exponentials E_i, by
// saddlepoint. Source: Lugannani and Rice, Advances in Applied Probability 12 (1980). Where all
// values are equal, the hardest case, it overstates a tail of 2.5 % by a twentieth of it at n = 1,
// a fiftieth at n = 10 and a hundredth at n = 100: on the safe side.
class WeightedMean {
  public:
    /// `values` in [0, 1], with the unseen one.
    explicit WeightedMean(std::vector<double> values) : values_(std::move(values)) {
        const auto [least, most] = std::minmax_element(values_.begin(), values_.end());
        least_ = *least;
        most_ = *most;
    }

    /// P(weighted mean > m). Requires: least < m < most.
    [[nodiscard]] double exceeds(double m) const {
        const double s = saddle(m);
        double cumulant = 0;
        double curvature = 0;
        for (const double value : values_) {
            const double left = 1 - s * (value - m);
            cumulant -= std::log(left);
            curvature += (value - m) * (value - m) / (left * left);
        }
        const boost::math::normal normal;
        const double w = std::copysign(std::sqrt(std::max(0.0, -2 * cumulant)), s);
        const double u = s * std::sqrt(curvature);
        constexpr double near_the_mean = 1e-5;  // where the formula is 0/0 and its limit a half
        if (std::abs(w) < near_the_mean) return 0.5;
        return boost::math::cdf(complement(normal, w)) +
               boost::math::pdf(normal, w) * (1 / u - 1 / w);
    }

    [[nodiscard]] double least() const { return least_; }
    [[nodiscard]] double most() const { return most_; }

  private:
    /// Where the derivative of the cumulant is zero: it rises from −infinity to +infinity between
    /// the poles. Newton, with bisection when it leaves the bracket.
    [[nodiscard]] double saddle(double m) const {
        double low = 1 / (least_ - m);
        double high = 1 / (most_ - m);
        double s = 0;
        constexpr int steps_max = 200;
        for (int step = 0; step < steps_max; ++step) {
            double slope = 0;
            double curvature = 0;
            for (const double value : values_) {
                const double term = (value - m) / (1 - s * (value - m));
                slope += term;
                curvature += term * term;
            }
            (slope > 0 ? high : low) = s;
            const double next = s - slope / curvature;
            const double chosen = next > low && next < high ? next : low + (high - low) / 2;
            if (std::abs(chosen - s) <= 1e-12 * (high - low) || chosen == s) return chosen;
            s = chosen;
        }
        return s;
    }

    std::vector<double> values_;
    double least_ = 0;
    double most_ = 0;
};

/// Upper bound of the mean of values in [0, 1] that holds with probability ≥ 1 − risk.
double unit_upper_bound(std::span<const double> values, double risk) {
    std::vector<double> with_unseen(values.begin(), values.end());
    with_unseen.push_back(1);
    const WeightedMean weighted(std::move(with_unseen));
    if (weighted.least() >= 1) return 1;
    double low = weighted.least();
    double high = weighted.most();
    constexpr int halvings = 40;
    for (int i = 0; i < halvings && high - low > 1e-9; ++i) {
        const double middle = low + (high - low) / 2;
        (weighted.exceeds(middle) > risk ? low : high) = middle;
    }
    return high;
}

Interval unit_interval(std::span<const double> values, double confidence) {
    const double risk = (1 - confidence) / 2;
    std::vector<double> mirrored;
    mirrored.reserve(values.size());
    for (const double value : values)
        mirrored.push_back(1 - value);
    return {1 - unit_upper_bound(mirrored, risk), unit_upper_bound(values, risk)};
}

Interval student_interval(std::span<const double> values, double confidence) {
    if (values.size() < 2) return {};
    const auto n = static_cast<double>(values.size());
    double sum = 0;
    for (const double value : values)
        sum += value;
    const double mean = sum / n;
    double squares = 0;
    for (const double value : values)
        squares += (value - mean) * (value - mean);
    const boost::math::students_t student(n - 1);
    const double reach =
        boost::math::quantile(student, 0.5 + confidence / 2) * std::sqrt(squares / (n - 1) / n);
    return {mean - reach, mean + reach};
}

}  // namespace

Interval mean_interval(std::span<const double> values, double confidence, bool unit_range) {
    if (!unit_range) return student_interval(values, confidence);
    return values.empty() ? Interval{0, 1} : unit_interval(values, confidence);
}

}  // namespace faultline
