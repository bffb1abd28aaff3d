// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/random.hpp"
#include "harness/measure/rank_distribution.hpp"
#include "harness/measure/two_samples.hpp"

namespace faultline {
namespace {

// Hollander and Wolfe, Nonparametric Statistical Methods (1973), table 4.1: permeability of human
// chorioamnion at term (head) and between 12 and 26 weeks (base).
const std::vector<double> permeability_early{1.15, 0.88, 0.90, 0.74, 1.21};
const std::vector<double> permeability_at_term{
    0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};

TEST(RankTest, GivesTheTextbooksExactChance) {
    const RankTest test = rank_test(permeability_early, permeability_at_term);
    EXPECT_EQ(test.u, 35);
    EXPECT_DOUBLE_EQ(test.superiority, 0.7);
    EXPECT_NEAR(test.p_larger, 382.0 / 3003, 1e-12);  // 0.1272 in the book and in R
    EXPECT_NEAR(test.p_smaller, 2693.0 / 3003, 1e-12);
    EXPECT_NEAR(test.p_different, 2 * 382.0 / 3003, 1e-12);
}

TEST(RankTest, GivesTheExactChanceOfSmallSamples) {
    // The example of scipy.stats.mannwhitneyu: ages at which diabetes was diagnosed; p = 1/9.
    const RankTest test =
        rank_test(std::vector<double>{20, 11, 17, 12}, std::vector<double>{19, 22, 16, 29, 24});
    EXPECT_EQ(test.u, 17);
    EXPECT_NEAR(test.p_different, 1.0 / 9, 1e-12);
}

TEST(RankTest, CountsOutTies) {
    // All C(12, 6) and C(9, 5) ways to deal the ranks, counted by a program of a few lines.
    const RankTest masked =
        rank_test(std::vector<double>{0, 0, 0, 5, 6, 7}, std::vector<double>{0, 6, 8, 9, 9, 9});
    EXPECT_EQ(masked.u, 30);
    EXPECT_NEAR(masked.p_larger, 25.0 / 924, 1e-12);
    EXPECT_NEAR(masked.p_smaller, 908.0 / 924, 1e-12);
    const RankTest uneven =
        rank_test(std::vector<double>{1, 2, 2, 3}, std::vector<double>{2, 3, 3, 4, 4});
    EXPECT_NEAR(uneven.p_larger, 10.0 / 126, 1e-12);
    EXPECT_NEAR(uneven.p_smaller, 125.0 / 126, 1e-12);
    const RankTest swapped =
        rank_test(std::vector<double>{2, 3, 3, 4, 4}, std::vector<double>{1, 2, 2, 3});
    EXPECT_NEAR(swapped.p_smaller, 10.0 / 126, 1e-12);
    EXPECT_NEAR(swapped.p_larger, 125.0 / 126, 1e-12);
}

TEST(RankTest, TakesCensoredTimesAsTheLatestAlike) {
    const double late = std::numeric_limits<double>::infinity();
    const std::vector<double> base{1, 2, 3, late};
    const std::vector<double> head{2.5, late, late, late};
    const std::vector<double> base_capped{1, 2, 3, 9};
    const std::vector<double> head_capped{2.5, 9, 9, 9};
    EXPECT_EQ(rank_test(base, head).p_larger, rank_test(base_capped, head_capped).p_larger);
}

TEST(RankTest, SaysNothingOfEqualOrMissingValues) {
    const std::vector<double> same(20, 7.0);
    EXPECT_EQ(rank_test(same, same).p_different, 1);
    EXPECT_EQ(rank_test(same, same).p_larger, 1);
    EXPECT_EQ(rank_test(same, {}).p_different, 1);
    EXPECT_EQ(rank_test(std::vector<double>{1}, std::vector<double>{2}).p_larger, 0.5);
    const std::vector<double> many(200, 7.0);
    EXPECT_EQ(rank_test(many, many).p_different, 1);
}

TEST(RankTest, GoesOverIntoTheApproximationWithoutAStep) {
    // 50 values a side are counted out, 51 approximated.
    const auto p_of = [](int n) {
        std::vector<double> base, head;
        for (int i = 0; i < n; ++i) {
            base.push_back(i);
            head.push_back(i + 0.5 + n * 0.12);
        }
        return rank_test(base, head).p_larger;
    };
    EXPECT_NEAR(p_of(50), p_of(51), 0.003);
    EXPECT_NEAR(p_of(50), 0.03, 0.02);
}

TEST(RankTest, CorrectsTheApproximationForTies) {
    // Variance n·m/12·(N + 1 − Σ(t³ − t)/N(N − 1)) over groups of t equal values (Lehmann 1975).
    std::vector<double> base(60, 0.0), head(60, 0.0);
    std::fill_n(base.begin(), 5, 1.0);
    std::fill_n(head.begin(), 15, 1.0);
    const RankTest test = rank_test(base, head);
    EXPECT_EQ(test.u, 2100);
    const double all = 120;
    const double ties = (100. * 100 * 100 - 100) + (20. * 20 * 20 - 20);
    const double variance = 60. * 60 / 12 * (all + 1 - ties / (all * (all - 1)));
    const double z = (2100 - 0.5 - 1800) / std::sqrt(variance);
    EXPECT_NEAR(test.p_larger, std::erfc(z / std::sqrt(2.0)) / 2, 1e-12);
}

TEST(RankTest, MirrorsWhenSidesAreSwapped) {
    Random random(5);
    for (const std::size_t n : {3U, 8U, 60U}) {
        for (const bool coarse : {false, true}) {
            std::vector<double> base, head;
            for (std::size_t i = 0; i < n; ++i) {
                base.push_back(coarse ? static_cast<double>(random.below(5)) : random.uniform());
                head.push_back(coarse ? static_cast<double>(random.below(6)) : random.uniform());
            }
            head.push_back(3);
            const RankTest there = rank_test(base, head), back = rank_test(head, base);
            EXPECT_NEAR(there.p_larger, back.p_smaller, 1e-12);
            EXPECT_NEAR(there.p_smaller, back.p_larger, 1e-12);
            EXPECT_NEAR(there.superiority, 1 - back.superiority, 1e-12);
            std::ranges::reverse(base);
            EXPECT_EQ(rank_test(base, head).p_larger, there.p_larger);
        }
    }
}

TEST(RankDistribution, HasTheCriticalValuesOfTheTables) {
    // Mann–Whitney tables, two-sided 5 %: U may be at most 2, 8, 23, 49 and 127.
    EXPECT_EQ(RankDistribution(5, 5).closing_rank(0.025), 3U);
    EXPECT_EQ(RankDistribution(8, 6).closing_rank(0.025), 9U);
    EXPECT_EQ(RankDistribution(10, 10).closing_rank(0.025), 24U);
    EXPECT_EQ(RankDistribution(15, 12).closing_rank(0.025), 50U);
    EXPECT_EQ(RankDistribution(20, 20).closing_rank(0.025), 128U);
    // One-sided 5 %, two-sided 1 %.
    EXPECT_EQ(RankDistribution(20, 20).closing_rank(0.05), 139U);
    EXPECT_EQ(RankDistribution(20, 20).closing_rank(0.005), 106U);
    EXPECT_EQ(RankDistribution(3, 3).closing_rank(0.025), 0U) << "20 orders cannot show 2.5 %";
    EXPECT_EQ(RankDistribution(4, 4).closing_rank(0.025), 1U);
}

TEST(RankDistribution, AddsUpToOneInEqualHalves) {
    const RankDistribution distribution(7, 12);
    EXPECT_NEAR(distribution.at_most(0), 1.0 / 50388, 1e-15);
    EXPECT_EQ(distribution.at_most(84), 1);
    for (std::size_t u = 0; u < 84; ++u)
        EXPECT_NEAR(distribution.at_most(u) + distribution.at_most(83 - u), 1, 1e-12) << u;
}

TEST(RankDistribution, ClosesApproximatelyAlikeWhereItIsNotCountedOut) {
    const double counted = static_cast<double>(RankDistribution(50, 50).closing_rank(0.025));
    const double n = 50, spread = std::sqrt(n * n * (2 * n + 1) / 12);
    EXPECT_NEAR(counted, n * n / 2 - 1.959964 * spread + 0.5, 2);
    const double approximated = static_cast<double>(RankDistribution(51, 50).closing_rank(0.025));
    EXPECT_NEAR(approximated / (51 * 50), counted / (50 * 50), 0.003);
}

}  // namespace
}  // namespace faultline
