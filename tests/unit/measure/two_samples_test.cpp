// SPDX-License-Identifier: Apache-2.0
#include "harness/measure/two_samples.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/random.hpp"

namespace faultline {
namespace {

constexpr double late = std::numeric_limits<double>::infinity();

std::vector<double> drawn(Random& random, std::size_t n, double shift = 0) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i)
        values.push_back(100 + shift + 10 * random.normal());
    return values;
}

/// By writing all differences down.
double slow_median_difference(const std::vector<double>& base, const std::vector<double>& head) {
    std::vector<double> all;
    for (const double b : base) {
        for (const double h : head)
            all.push_back(h - b);
    }
    std::ranges::sort(all);
    const std::size_t middle = all.size() / 2;
    return all.size() % 2 == 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
}

TEST(Shift, IsThatOfTheTextbook) {
    // Hollander and Wolfe (1973), table 4.1; estimate 0.305 in the book, the interval as in R.
    const std::vector<double> early{1.15, 0.88, 0.90, 0.74, 1.21};
    const std::vector<double> at_term{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    const Shift shift = shift_between(early, at_term, 0.95);
    EXPECT_NEAR(shift.value, 0.305, 1e-12);
    EXPECT_NEAR(shift.interval.low, -0.15, 1e-12);
    EXPECT_NEAR(shift.interval.high, 0.76, 1e-12);
    const Shift rough = shift_between(early, at_term, 0.80);
    EXPECT_NEAR(rough.interval.low, -0.05, 1e-12);
    EXPECT_NEAR(rough.interval.high, 0.70, 1e-12);
}

TEST(Shift, IsTheMedianOfAllDifferencesWithoutWritingThemDown) {
    Random random(11);
    for (const std::size_t n : {1U, 2U, 5U, 12U, 31U}) {
        for (const std::size_t m : {1U, 3U, 20U}) {
            const auto base = drawn(random, n);
            const auto head = drawn(random, m, -50);
            EXPECT_DOUBLE_EQ(shift_between(base, head, 0.95).value,
                             slow_median_difference(base, head));
        }
    }
}

TEST(Shift, FollowsWhatIsAddedOrMultiplied) {
    Random random(12);
    const auto base = drawn(random, 15);
    auto head = drawn(random, 18);
    const Shift before = shift_between(base, head, 0.95);
    const Shift relative = relative_shift_between(base, head, 0.95);
    auto moved = head, stretched = head;
    for (double& value : moved)
        value += 25;
    for (double& value : stretched)
        value *= 2;
    const Shift after = shift_between(base, moved, 0.95);
    EXPECT_NEAR(after.value, before.value + 25, 1e-9);
    EXPECT_NEAR(after.interval.low, before.interval.low + 25, 1e-9);
    EXPECT_NEAR(after.interval.high, before.interval.high + 25, 1e-9);
    const Shift doubled = relative_shift_between(base, stretched, 0.95);
    EXPECT_NEAR(1 + doubled.value, 2 * (1 + relative.value), 1e-9);
    EXPECT_NEAR(1 + doubled.interval.high, 2 * (1 + relative.interval.high), 1e-9);
}

TEST(Shift, TurnsRoundWhenSidesAreSwapped) {
    Random random(13);
    const auto base = drawn(random, 14);
    const auto head = drawn(random, 9, 8);
    const Shift there = shift_between(base, head, 0.95);
    auto reversed = head;
    std::ranges::reverse(reversed);
    const Shift back = shift_between(reversed, base, 0.95);
    EXPECT_NEAR(back.value, -there.value, 1e-9);
    EXPECT_NEAR(back.interval.low, -there.interval.high, 1e-9);
    EXPECT_NEAR(back.interval.high, -there.interval.low, 1e-9);
    const Shift ratio = relative_shift_between(base, head, 0.95);
    const Shift inverse = relative_shift_between(head, base, 0.95);
    EXPECT_NEAR((1 + ratio.interval.low) * (1 + inverse.interval.high), 1, 1e-9);
}

TEST(Shift, OfConstantsHasNoWidth) {
    const std::vector<double> base(6, 100.0), head(6, 120.0);
    const Shift shift = shift_between(base, head, 0.95);
    EXPECT_EQ(shift.value, 20);
    EXPECT_EQ(shift.interval.low, 20);
    EXPECT_EQ(shift.interval.high, 20);
    EXPECT_NEAR(relative_shift_between(base, head, 0.95).value, 0.2, 1e-12);
}

TEST(Shift, IsOpenWithTooFewValues) {
    const std::vector<double> three{1, 2, 3}, four{1, 2, 3, 4};
    EXPECT_FALSE(std::isfinite(shift_between(three, three, 0.95).interval.low));
    EXPECT_FALSE(std::isfinite(shift_between(three, three, 0.95).interval.high));
    EXPECT_TRUE(shift_between(four, four, 0.95).interval.closed());
    EXPECT_TRUE(std::isnan(shift_between({}, four, 0.95).value));
}

TEST(Shift, TakesCensoredTimesAsLaterThanAll) {
    const std::vector<double> base{1, 2, 3, 4, 5, 6, 7, 8};
    const std::vector<double> some{3, 4, 5, 6, 7, 8, late, late};
    const Shift shift = shift_between(base, some, 0.95);
    EXPECT_EQ(shift.value, 2);  // as if the two were just late
    EXPECT_EQ(shift.interval.high, late);
    EXPECT_TRUE(std::isfinite(shift.interval.low));
    const std::vector<double> most{3, late, late, late, late, late, late, late};
    EXPECT_EQ(shift_between(base, most, 0.95).value, late);
    EXPECT_EQ(shift_between(most, base, 0.95).value, -late);
    const std::vector<double> none(8, late);
    EXPECT_TRUE(std::isnan(shift_between(none, none, 0.95).value));
    EXPECT_FALSE(shift_between(none, none, 0.95).interval.closed());
    // A few on both sides cancel in the point and widen the interval.
    const Shift both = shift_between(some, some, 0.95);
    EXPECT_EQ(both.value, 0);
    EXPECT_LE(both.interval.low, shift_between(base, base, 0.95).interval.low);
}

TEST(Shift, IntervalCoversAtItsLevel) {
    Random random(17);
    constexpr int rounds = 2000;
    int covered = 0, covered_coarse = 0;
    for (int round = 0; round < rounds; ++round) {
        auto base = drawn(random, 10), head = drawn(random, 12, 7);
        Interval interval = shift_between(base, head, 0.95).interval;
        covered += interval.low <= 7 && 7 <= interval.high ? 1 : 0;
        for (auto* sample : {&base, &head}) {
            for (double& value : *sample)
                value = std::floor(value / 7) * 7;  // ties in plenty, the shift is kept
        }
        interval = shift_between(base, head, 0.95).interval;
        covered_coarse += interval.low <= 7 && 7 <= interval.high ? 1 : 0;
    }
    // Three standard errors of 2,000 rounds are 1.5 %; exact levels are 95 % or a little more.
    EXPECT_GE(covered, rounds * 0.935);
    EXPECT_LE(covered, rounds * 0.98);
    EXPECT_GE(covered_coarse, rounds * 0.935);
}

TEST(TrialsToTell, GrowWithTheSpreadOverTheEffectSquared) {
    Random random(19);
    const auto base = drawn(random, 200), head = drawn(random, 200);
    const std::size_t coarse = trials_to_tell(base, head, 10, 0.95);
    const std::size_t fine = trials_to_tell(base, head, 5, 0.95);
    // A shift of one standard deviation: P(head > base) = Φ(1/√2) = 0.760, by Noether 26 a side.
    EXPECT_NEAR(static_cast<double>(coarse), 26, 4);
    EXPECT_NEAR(static_cast<double>(fine), 4.0 * 26 - 8, 16);
    EXPECT_EQ(trials_to_tell(base, head, 10, 0.95), trials_to_tell(head, base, 10, 0.95));
}

TEST(TrialsToTell, HaveLimits) {
    const std::vector<double> constant(10, 5.0), one{5};
    EXPECT_EQ(trials_to_tell(constant, constant, 1, 0.95), 8U);  // no overlap at all
    EXPECT_EQ(trials_to_tell(one, one, 1, 0.95), 4U) << "nothing is known of the spread";
    EXPECT_EQ(trials_to_tell(constant, constant, 0, 0.95), never_enough);
    const std::vector<double> wide{1, 1e9, 2e9, 3e9};
    EXPECT_EQ(trials_to_tell(wide, wide, 1e-3, 0.95), never_enough);
    const std::vector<double> censored(10, late);
    EXPECT_EQ(trials_to_tell(censored, censored, 1, 0.95), never_enough);
}

}  // namespace
}  // namespace faultline
