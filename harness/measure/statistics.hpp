// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace faultline {

/// A confidence interval. An end that n cannot close is infinite: the interval is open there, and
/// holds at its level with the other end alone.
struct Interval {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    [[nodiscard]] bool closed() const;
};

/// Rank quantile of sorted values: the smallest value with at least q·n values at or below it (no
/// interpolation, so every figure printed was measured). Requires: not empty, 0 ≤ q ≤ 1.
[[nodiscard]] double quantile(std::span<const double> sorted, double q);
/// The place of that value, from 0. Requires: n > 0.
[[nodiscard]] std::size_t quantile_index(std::size_t n, double q);

/// Two-sided order-statistic interval for the q-quantile of a distribution: distribution-free,
/// exact for continuous ones, conservative for others. Where n can close only one end, that end
/// holds at the whole level. Source: David and Nagaraja, Order Statistics (2003), section 7.1.
/// Shape: `sorted` ascending; +infinity stands for a censored value above all others.
/// Requires: 0 < q < 1, 0 < confidence < 1.
[[nodiscard]] Interval quantile_interval(std::span<const double> sorted,
                                         double q,
                                         double confidence);

/// One-sided bounds for the q-quantile, for expectations: with probability ≥ confidence the
/// quantile is ≤ upper (≥ lower). Infinite when n cannot support it.
[[nodiscard]] double quantile_upper_bound(std::span<const double> sorted,
                                          double q,
                                          double confidence);
[[nodiscard]] double quantile_lower_bound(std::span<const double> sorted,
                                          double q,
                                          double confidence);

/// Clopper–Pearson interval and one-sided bounds for k successes of n.
/// Source: Clopper and Pearson, Biometrika 26 (1934).
[[nodiscard]] Interval proportion_interval(std::uint64_t k, std::uint64_t n, double confidence);
[[nodiscard]] double proportion_lower_bound(std::uint64_t k, std::uint64_t n, double confidence);
[[nodiscard]] double proportion_upper_bound(std::uint64_t k, std::uint64_t n, double confidence);

/// Interval for the mean of values in [0, 1] (`unit_range`, success rates) or of unbounded ones.
/// Source: Student's t for unbounded; for [0, 1] see mean.cpp for the method and its coverage.
[[nodiscard]] Interval mean_interval(std::span<const double> values,
                                     double confidence,
                                     bool unit_range);

/// No number of trials is enough.
inline constexpr std::size_t never_enough = std::numeric_limits<std::size_t>::max();

/// How many trials there must be before a bound at this level can exist at all: 59 for p95 at 95 %.
[[nodiscard]] std::size_t trials_for_quantile_upper(double q, double confidence);
[[nodiscard]] std::size_t trials_for_quantile_lower(double q, double confidence);
/// The same for "the proportion is at least (at most) this" when every (no) trial succeeds.
[[nodiscard]] std::size_t trials_for_proportion_at_least(double proportion, double confidence);
[[nodiscard]] std::size_t trials_for_proportion_at_most(double proportion, double confidence);

/// About how many trials decide on which side of `threshold` a proportion lies, if k of n goes on
/// as it is; absent when it lies on the threshold itself or beyond a million trials.
[[nodiscard]] std::optional<std::size_t> trials_to_decide(std::uint64_t k,
                                                          std::uint64_t n,
                                                          double threshold,
                                                          double confidence);

/// A time that was measured, or known only to be longer.
struct Survival {
    double time = 0;
    bool censored = false;
};

/// Kaplan–Meier estimate: the quantiles of a time when some trials were censored, with a log-log
/// interval that is never narrower than what order statistics allow. Absent: not reached.
/// Source: Kaplan and Meier, JASA 53 (1958); Brookmeyer and Crowley, Biometrics 38 (1982), with the
/// transform of Kalbfleisch and Prentice (1980).
struct SurvivalQuantile {
    std::optional<double> value{};
    Interval interval{};
};
[[nodiscard]] SurvivalQuantile kaplan_meier_quantile(std::span<const Survival> times,
                                                     double q,
                                                     double confidence);

/// The same for several quantiles of the same times, sorted once.
class SurvivalCurve {
  public:
    explicit SurvivalCurve(std::span<const Survival> times);
    [[nodiscard]] SurvivalQuantile quantile(double q, double confidence) const;
    /// Absent: not reached.
    [[nodiscard]] std::optional<double> quantile(double q) const;

  private:
    /// The share that survives from `time` on.
    struct Step {
        double time;
        double surviving;
        double greenwood;  // sum of d / (n (n − d)): the variance is surviving² times this
    };
    static double standard_distance(const Step& step, double q);
    [[nodiscard]] Interval brookmeyer_crowley(double q, double confidence) const;

    std::vector<Step> steps_{};
    std::vector<double> earliest_{};  // sorted, a censored time as early as it can be
    std::vector<double> latest_{};    // and as late: infinity
};

}  // namespace faultline
