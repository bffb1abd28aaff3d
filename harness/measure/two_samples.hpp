// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "harness/measure/statistics.hpp"

namespace faultline {

// Two samples of one measure, of a base and of a head. A censored time is +infinity: later than all
// that was measured.

/// How much later, or larger, the head is: the median of all differences head − base (Hodges and
/// Lehmann, Annals of Mathematical Statistics 34, 1963), with the interval that the rank test below
/// turns into (Moses; Bauer, JASA 67, 1972), conservative for values that repeat. Not finite where
/// too many times are censored, NaN where every one of a pair is; pairs of two censored values lie
/// on both sides of the point alike, and wherever they make the interval wider. Fewer than 4 values
/// a side close no interval at 95 %. Takes O((n + m) log) steps for the n·m differences.
struct Shift {
    double value = 0;
    Interval interval{};
};
[[nodiscard]] Shift shift_between(std::span<const double> base,
                                  std::span<const double> head,
                                  double confidence);
/// The same of the ratio head / base: 0.2 is 20 % more. Requires: base values above 0, none of the
/// head below.
[[nodiscard]] Shift relative_shift_between(std::span<const double> base,
                                           std::span<const double> head,
                                           double confidence);

/// Rank test of Mann and Whitney (Annals of Mathematical Statistics 18, 1947; ties by mid-ranks):
/// exact up to 2,500 pairs (50 values a side), with ties by counting out every way to deal the
/// ranks that are there (Streitberg and Röhmel 1986); beyond, the normal approximation with
/// continuity, its variance corrected for ties.
struct RankTest {
    double u = 0;            // pairs in which head is larger, ties counted half
    double superiority = 0;  // u / pairs: the chance that a trial of the head takes longer
    double p_larger = 1;     // one-sided: head tends to be larger
    double p_smaller = 1;
    double p_different = 1;  // two-sided
};
[[nodiscard]] RankTest rank_test(std::span<const double> base, std::span<const double> head);

/// The same for successes, k of n each. Source: Boschloo, Statistica Neerlandica 24 (1970), or
/// Fisher's exact test beyond 4,000 trials and where it says 0.5 or more; interval of the
/// difference head − base: Newcombe, Statistics in Medicine 17 (1998), method 10.
struct ProportionDifference {
    double value = 0;
    Interval interval{};
    double p_larger = 1, p_smaller = 1, p_different = 1;
};
[[nodiscard]] ProportionDifference proportion_difference(std::uint64_t base_k,
                                                         std::uint64_t base_n,
                                                         std::uint64_t head_k,
                                                         std::uint64_t head_n,
                                                         double confidence);

/// The interval alone.
[[nodiscard]] Interval proportion_difference_interval(std::uint64_t base_k,
                                                      std::uint64_t base_n,
                                                      std::uint64_t head_k,
                                                      std::uint64_t head_n,
                                                      double confidence);

/// About how many values a side would decide between "no shift" and a shift of `effect`, from the
/// spread of those that are there (Noether, JASA 82, 1987; power 80 %). `never_enough` when beyond
/// a million; the fewest that close an interval when there are too few to know a spread.
[[nodiscard]] std::size_t trials_to_tell(std::span<const double> base,
                                         std::span<const double> head,
                                         double effect,
                                         double confidence);

}  // namespace faultline
