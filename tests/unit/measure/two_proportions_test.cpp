// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <gtest/gtest.h>

#include "harness/measure/two_samples.hpp"

namespace faultline {
namespace {

TEST(ProportionDifference, HasNewcombesInterval) {
    // Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
    const Interval a = proportion_difference_interval(48, 80, 56, 70, 0.95);
    EXPECT_NEAR(a.low, 0.0524, 5e-5);
    EXPECT_NEAR(a.high, 0.3339, 5e-5);
    const Interval b = proportion_difference_interval(3, 10, 9, 10, 0.95);
    EXPECT_NEAR(b.low, 0.1705, 5e-5);
    EXPECT_NEAR(b.high, 0.8090, 5e-5);
    const Interval g = proportion_difference_interval(0, 10, 10, 10, 0.95);
    EXPECT_NEAR(g.low, 0.6075, 5e-5);
    EXPECT_NEAR(g.high, 1, 1e-12);
    const Interval h = proportion_difference_interval(0, 29, 5, 56, 0.95);
    EXPECT_NEAR(h.low, -0.0381, 5e-5);
    EXPECT_NEAR(h.high, 0.1926, 5e-5);
}

TEST(ProportionDifference, HasBoschloosChance) {
    // The example of scipy.stats.boschloo_exact: 74 of 117 against 31 of 63, p = 0.0355 (Fisher
    // 0.0483), and a case of its tests: 2 of 10 against 7 of 9, p = 0.009886 (Fisher 0.01852).
    EXPECT_NEAR(proportion_difference(74, 117, 31, 63, 0.95).p_smaller, 0.0355641, 2e-6);
    EXPECT_NEAR(proportion_difference(2, 10, 7, 9, 0.95).p_larger, 0.009886142, 1e-7);
    // By adding up all outcomes at 20,000 shares of successes.
    EXPECT_NEAR(proportion_difference(20, 20, 15, 20, 0.95).p_smaller, 0.011263893, 1e-7);
}

TEST(ProportionDifference, IsFishersTestWhereNothingIsToBeShown) {
    // 0.667183 by the hypergeometric distribution.
    EXPECT_NEAR(proportion_difference(7, 9, 8, 10, 0.95).p_larger, 0.6671826625, 1e-9);
}

TEST(ProportionDifference, SaysNothingWithoutTrialsOrWithoutDifference) {
    const ProportionDifference nothing = proportion_difference(0, 0, 5, 10, 0.95);
    EXPECT_EQ(nothing.p_different, 1);
    EXPECT_EQ(nothing.interval.low, -1);
    EXPECT_EQ(nothing.interval.high, 1);
    const ProportionDifference perfect = proportion_difference(20, 20, 20, 20, 0.95);
    EXPECT_EQ(perfect.value, 0);
    EXPECT_EQ(perfect.p_larger, 1);
    EXPECT_EQ(perfect.p_smaller, 1);
    EXPECT_NEAR(perfect.interval.low, -0.161, 1e-3);
    EXPECT_NEAR(perfect.interval.high, 0.161, 1e-3);
}

TEST(ProportionDifference, TurnsRoundWhenSidesAreSwapped) {
    const ProportionDifference there = proportion_difference(12, 20, 24, 30, 0.95);
    const ProportionDifference back = proportion_difference(24, 30, 12, 20, 0.95);
    EXPECT_NEAR(there.value, -back.value, 1e-12);
    EXPECT_NEAR(there.interval.low, -back.interval.high, 1e-12);
    EXPECT_NEAR(there.p_larger, back.p_smaller, 1e-9);
    EXPECT_NEAR(there.p_smaller, back.p_larger, 1e-9);
    // Failures for successes.
    const ProportionDifference failures = proportion_difference(8, 20, 6, 30, 0.95);
    EXPECT_NEAR(there.p_larger, failures.p_smaller, 1e-9);
}

TEST(ProportionDifference, TakesManyTrialsInItsStride) {
    const ProportionDifference many = proportion_difference(950, 1000, 920, 1000, 0.95);
    EXPECT_NEAR(many.p_smaller, 0.0034, 0.0005);
    const ProportionDifference more = proportion_difference(9500, 10'000, 9200, 10'000, 0.95);
    EXPECT_LT(more.p_smaller, 1e-16);
    EXPECT_LT(more.interval.high, 0);
}

TEST(ProportionDifference, RejectsNoMoreOftenThanItSays) {
    // Exactly: every outcome of 9 and 12 trials, weighed at several shares of successes.
    constexpr int base_n = 9, head_n = 12;
    const auto chance = [](int k, int n, double p) {
        return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0)) *
               std::pow(p, k) * std::pow(1 - p, n - k);
    };
    for (const double share : {0.1, 0.3, 0.5, 0.77, 0.9}) {
        double rejected = 0;
        for (int base_k = 0; base_k <= base_n; ++base_k) {
            for (int head_k = 0; head_k <= head_n; ++head_k) {
                // Cheap first: only what may be rejected is worth the test.
                if (head_k * base_n <= base_k * head_n) continue;
                const auto difference = proportion_difference(static_cast<std::uint64_t>(base_k),
                                                              base_n,
                                                              static_cast<std::uint64_t>(head_k),
                                                              head_n,
                                                              0.95);
                if (difference.p_larger <= 0.05)
                    rejected += chance(base_k, base_n, share) * chance(head_k, head_n, share);
            }
        }
        EXPECT_LE(rejected, 0.05) << share;
    }
}

}  // namespace
}  // namespace faultline
