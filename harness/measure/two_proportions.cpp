// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include "harness/base/check.hpp"
#include "harness/measure/two_samples.hpp"

namespace faultline {
namespace {

constexpr std::uint64_t boschloo_trials_max = 4000;  // both sides; beyond, Fisher's is as sharp
constexpr double as_extreme = 1 + 1e-9;              // equal but for rounding

struct Sizes {
    std::uint64_t base_n, head_n;
};

double log_choose(double n, double k) {
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

/// Fisher's exact test: P(the head has at least head_k of all the successes), by the
/// hypergeometric distribution.
double fisher_larger(const Sizes& sizes, std::uint64_t base_k, std::uint64_t head_k) {
    const double base_n = static_cast<double>(sizes.base_n);
    const double head_n = static_cast<double>(sizes.head_n);
    const double all_k = static_cast<double>(base_k + head_k);
    const double least = std::max(0.0, all_k - base_n);
    const double most = std::min(all_k, head_n);
    const auto at = [&](double k) {
        return std::exp(log_choose(head_n, k) + log_choose(base_n, all_k - k) -
                        log_choose(base_n + head_n, all_k));
    };
    // Ratio of a probability to the one before, or after.
    const auto up = [&](double k) {
        return (head_n - k) * (all_k - k) / ((k + 1) * (base_n - all_k + k + 1));
    };
    const auto down = [&](double k) {
        return k * (base_n - all_k + k) / ((head_n - k + 1) * (all_k - k + 1));
    };
    constexpr double negligible = 1e-18;
    const double observed = static_cast<double>(head_k);
    const double mean = all_k * head_n / (base_n + head_n);
    // The tail away from the mean is the short one.
    double sum = 0;
    if (observed > mean) {
        double term = at(observed);
        for (double k = observed; k <= most && term > sum * negligible; ++k) {
            sum += term;
            term *= up(k);
        }
        return std::min(1.0, sum);
    }
    if (observed <= least) return 1;
    double term = at(observed - 1);
    for (double k = observed - 1; k >= least && term > sum * negligible; --k) {
        sum += term;
        term *= down(k);
    }
    return std::max(0.0, 1 - sum);
}

/// P(k successes) of a binomial, for all k at once. The largest comes first, then both sides by
/// ratios: nothing under- or overflows that matters.
std::vector<double> binomial_weights(std::uint64_t n, double p) {
    std::vector<double> weights(n + 1, 0.0);
    if (p <= 0 || p >= 1) {
        weights[p <= 0 ? 0 : n] = 1;
        return weights;
    }
    const double size = static_cast<double>(n);
    const double odds = p / (1 - p);
    const auto mode = static_cast<std::uint64_t>(std::min(size, std::floor((size + 1) * p)));
    const double middle = static_cast<double>(mode);
    weights[mode] = std::exp(log_choose(size, middle) + middle * std::log(p) +
                             (size - middle) * std::log1p(-p));
    for (std::uint64_t k = mode; k < n; ++k) {
        const double at = static_cast<double>(k);
        weights[k + 1] = weights[k] * odds * (size - at) / (at + 1);
    }
    for (std::uint64_t k = mode; k > 0; --k) {
        const double at = static_cast<double>(k);
        weights[k - 1] = weights[k] / odds * at / (size - at + 1);
    }
    return weights;
}

/// Boschloo's test: the outcomes that Fisher's test finds as extreme as the one observed, and the
/// probability of all of them at that common share of successes which makes it largest. Exact like
/// Fisher's, never less powerful.
class Boschloo {
  public:
    /// `extreme` is Fisher's p of the outcome observed.
    Boschloo(const Sizes& sizes, double extreme) : sizes_(sizes) {
        // With more successes of the base, the head needs more to be as extreme.
        std::uint64_t head_k = 0;
        for (std::uint64_t base_k = 0; base_k <= sizes.base_n; ++base_k) {
            while (head_k <= sizes.head_n &&
                   fisher_larger(sizes, base_k, head_k) > extreme * as_extreme)
                ++head_k;
            head_from_.push_back(head_k);
        }
    }

    [[nodiscard]] double p_value() const {
        // Evenly spaced by the angle whose sine squared is the share: there the probability bends
        // everywhere alike.
        constexpr int points = 400;
        std::vector<double> values(points + 1, 0.0);
        for (int i = 0; i <= points; ++i)
            values[static_cast<std::size_t>(i)] = at_angle(angle_of(i, points));
        double best = *std::ranges::max_element(values);
        constexpr double worth_a_look = 0.98;
        for (int i = 1; i < points; ++i) {
            const auto at = static_cast<std::size_t>(i);
            const bool peak = values[at] >= values[at - 1] && values[at] >= values[at + 1];
            if (!peak || values[at] < best * worth_a_look) continue;
            best = std::max(best, peak_between(angle_of(i - 1, points), angle_of(i + 1, points)));
        }
        return std::min(1.0, best);
    }

  private:
    static double angle_of(int i, int points) { return std::numbers::pi / 2 * i / points; }

    [[nodiscard]] double at_angle(double angle) const {
        const double sine = std::sin(angle);
        const std::vector<double> base = binomial_weights(sizes_.base_n, sine * sine);
        std::vector<double> head = binomial_weights(sizes_.head_n, sine * sine);
        for (std::size_t k = head.size() - 1; k > 0; --k)
            head[k - 1] += head[k];  // now P(at least k)
        double sum = 0;
        for (std::size_t k = 0; k < base.size() && head_from_[k] < head.size(); ++k)
            sum += base[k] * head[head_from_[k]];
        return sum;
    }
    /// By golden section.
    [[nodiscard]] double peak_between(double low, double high) const {
        constexpr int steps = 30;
        const double part = (std::sqrt(5.0) - 1) / 2;
        double left = high - part * (high - low), right = low + part * (high - low);
        double at_left = at_angle(left), at_right = at_angle(right);
        for (int step = 0; step < steps; ++step) {
            if (at_left < at_right) {
                low = left;
                left = right;
                at_left = at_right;
                right = low + part * (high - low);
                at_right = at_angle(right);
            } else {
                high = right;
                right = left;
                at_right = at_left;
                left = high - part * (high - low);
                at_left = at_angle(left);
            }
        }
        return std::max(at_left, at_right);
    }

    Sizes sizes_;
    std::vector<std::uint64_t> head_from_{};  // by base_k: from how many on it is as extreme
};

double proportion_larger(const Sizes& sizes, std::uint64_t base_k, std::uint64_t head_k) {
    const double fisher = fisher_larger(sizes, base_k, head_k);
    constexpr double of_no_interest = 0.5;  // nothing will be claimed, and Fisher's is valid too
    if (fisher >= of_no_interest || sizes.base_n + sizes.head_n > boschloo_trials_max)
        return fisher;
    return std::min(fisher, Boschloo(sizes, fisher).p_value());
}

/// Wilson's score interval, whose ends Newcombe combines.
Interval wilson_interval(std::uint64_t k, std::uint64_t n, double z) {
    const double size = static_cast<double>(n);
    const double successes = static_cast<double>(k);
    const double centre = 2 * successes + z * z;
    const double reach = z * std::sqrt(z * z + 4 * successes * (size - successes) / size);
    const double whole = 2 * (size + z * z);
    return {k == 0 ? 0 : (centre - reach) / whole, k == n ? 1 : (centre + reach) / whole};
}

}  // namespace

Interval proportion_difference_interval(std::uint64_t base_k,
                                        std::uint64_t base_n,
                                        std::uint64_t head_k,
                                        std::uint64_t head_n,
                                        double confidence) {
    FL_CHECK_OP(<=, base_k, base_n);
    FL_CHECK_OP(<=, head_k, head_n);
    if (base_n == 0 || head_n == 0) return {-1, 1};
    const double z = boost::math::quantile(boost::math::normal(), 0.5 + confidence / 2);
    const double base = static_cast<double>(base_k) / static_cast<double>(base_n);
    const double head = static_cast<double>(head_k) / static_cast<double>(head_n);
    const Interval of_base = wilson_interval(base_k, base_n, z);
    const Interval of_head = wilson_interval(head_k, head_n, z);
    return {head - base - std::hypot(head - of_head.low, of_base.high - base),
            head - base + std::hypot(of_head.high - head, base - of_base.low)};
}

ProportionDifference proportion_difference(std::uint64_t base_k,
                                           std::uint64_t base_n,
                                           std::uint64_t head_k,
                                           std::uint64_t head_n,
                                           double confidence) {
    ProportionDifference result;
    result.interval = proportion_difference_interval(base_k, base_n, head_k, head_n, confidence);
    if (base_n == 0 || head_n == 0) return result;
    result.value = static_cast<double>(head_k) / static_cast<double>(head_n) -
                   static_cast<double>(base_k) / static_cast<double>(base_n);
    result.p_larger = proportion_larger({base_n, head_n}, base_k, head_k);
    result.p_smaller = proportion_larger({head_n, base_n}, head_k, base_k);
    result.p_different = std::min(1.0, 2 * std::min(result.p_larger, result.p_smaller));
    return result;
}

}  // namespace faultline
