// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace faultline {

/// Up to so many pairs of values (50 a side, or 3 and 833) distributions of ranks are counted out;
/// beyond, the normal approximation is right to three digits.
inline constexpr std::size_t exact_pairs_max = 2500;

/// How U, the number of pairs in which the one value is larger, is distributed when two samples of
/// n and m values come from one continuous distribution. Counted out by the recursion of Mann and
/// Whitney (Annals of Mathematical Statistics 18, 1947) up to `exact_pairs_max`, else normal.
/// Requires: n, m > 0.
class RankDistribution {
  public:
    RankDistribution(std::size_t n, std::size_t m);

    /// P(U ≤ u). Requires: n·m ≤ `exact_pairs_max`.
    [[nodiscard]] double at_most(std::size_t u) const;
    /// The largest c with P(U ≤ c − 1) ≤ risk: the c-th smallest and the c-th largest difference of
    /// pairs close an interval for the shift that misses with probability ≤ 2·risk. 0: none does.
    /// Requires: risk < 0.5.
    [[nodiscard]] std::size_t closing_rank(double risk) const;

  private:
    std::size_t n_, m_;
    std::vector<double> cumulative_{};  // P(U ≤ u) for u up to n·m / 2; empty when approximated
};

/// P(the scores of a random choice of `chosen` out of all add up to at most, or to less than,
/// `sum`), every choice equally likely: the permutation test of ranks with ties. Source: Streitberg
/// and Röhmel, Statistical Software Newsletter 12 (1986). Requires: chosen ≤ scores.
struct ChoiceSum {
    double at_most = 1;
    double below = 0;
};
[[nodiscard]] ChoiceSum choice_sum(std::span<const std::uint32_t> scores,
                                   std::size_t chosen,
                                   std::uint64_t sum);

}  // namespace faultline
