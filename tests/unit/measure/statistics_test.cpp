// SPDX-License-Identifier: Apache-2.0
#include "harness/measure/statistics.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace faultline {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> one_to(int n) {
    std::vector<double> values(static_cast<std::size_t>(n));
    std::iota(values.begin(), values.end(), 1.0);
    return values;
}

TEST(Quantile, IsAlwaysAValueThatWasMeasured) {
    const auto values = one_to(20);
    EXPECT_EQ(quantile(values, 0.0), 1);
    EXPECT_EQ(quantile(values, 0.5), 10);
    EXPECT_EQ(quantile(values, 0.95), 19);
    EXPECT_EQ(quantile(values, 0.951), 20);
    EXPECT_EQ(quantile(values, 1.0), 20);
    EXPECT_EQ(quantile(one_to(1), 0.99), 1);
}

TEST(QuantileInterval, HasTheRanksOfTheTables) {
    // Conover, Practical Nonparametric Statistics: the median of 10 lies between the 2nd and the
    // 9th.
    const Interval of_ten = quantile_interval(one_to(10), 0.5, 0.95);
    EXPECT_EQ(of_ten.low, 2);
    EXPECT_EQ(of_ten.high, 9);
    const Interval of_thirty = quantile_interval(one_to(30), 0.5, 0.95);
    EXPECT_EQ(of_thirty.low, 10);
    EXPECT_EQ(of_thirty.high, 21);
}

TEST(QuantileInterval, IsOpenWhereTooFewCanCloseIt) {
    const Interval p95 = quantile_interval(one_to(58), 0.95, 0.95);
    EXPECT_EQ(p95.high, infinity);
    EXPECT_FALSE(p95.closed());
    EXPECT_TRUE(std::isfinite(p95.low));
    const Interval p05 = quantile_interval(one_to(58), 0.05, 0.95);
    EXPECT_EQ(p05.low, -infinity);
    EXPECT_TRUE(std::isfinite(p05.high));
    EXPECT_TRUE(quantile_interval(one_to(100), 0.95, 0.95).closed());
    EXPECT_FALSE(quantile_interval(one_to(3), 0.5, 0.95).closed());
    EXPECT_EQ(quantile_interval({}, 0.5, 0.95).low, -infinity);
}

TEST(QuantileBounds, ExistFromTheTrialsTheyNeed) {
    EXPECT_EQ(quantile_upper_bound(one_to(58), 0.95, 0.95), infinity);
    EXPECT_EQ(quantile_upper_bound(one_to(59), 0.95, 0.95), 59);
    EXPECT_EQ(quantile_upper_bound(one_to(93), 0.95, 0.95), 92);
    EXPECT_EQ(quantile_lower_bound(one_to(5), 0.5, 0.95), 1);
    EXPECT_EQ(quantile_lower_bound(one_to(4), 0.5, 0.95), -infinity);
}

TEST(ProportionInterval, IsThatOfClopperAndPearson) {
    const Interval eight = proportion_interval(8, 10, 0.95);
    EXPECT_NEAR(eight.low, 0.4439, 5e-5);
    EXPECT_NEAR(eight.high, 0.9748, 5e-5);
    const Interval none = proportion_interval(0, 10, 0.95);
    EXPECT_EQ(none.low, 0);
    EXPECT_NEAR(none.high, 0.3085, 5e-5);
    EXPECT_EQ(proportion_interval(10, 10, 0.95).high, 1);
    EXPECT_EQ(proportion_interval(0, 0, 0.95).high, 1);
    EXPECT_NEAR(proportion_lower_bound(59, 59, 0.95), std::pow(0.05, 1.0 / 59), 1e-9);
}

TEST(TrialsNeeded, AreWhatTheBoundsNeed) {
    EXPECT_EQ(trials_for_quantile_upper(0.95, 0.95), 59U);
    EXPECT_EQ(trials_for_quantile_upper(0.99, 0.95), 299U);
    EXPECT_EQ(trials_for_quantile_lower(0.5, 0.95), 5U);
    EXPECT_EQ(trials_for_proportion_at_least(0.95, 0.95), 59U);
    EXPECT_EQ(trials_for_proportion_at_most(0.05, 0.95), 59U);
    EXPECT_EQ(trials_for_proportion_at_least(1.0, 0.95), never_enough);
}

TEST(TrialsNeeded, ToDecideAreThoseAtWhichTheBoundCrosses) {
    const auto all = trials_to_decide(20, 20, 0.95, 0.95);
    EXPECT_EQ(all, 59U);
    const auto most = trials_to_decide(98, 100, 0.95, 0.95);
    ASSERT_TRUE(most);
    EXPECT_GT(*most, 100U);
    EXPECT_LT(*most, 400U);
    const auto few = trials_to_decide(18, 20, 0.95, 0.95);
    ASSERT_TRUE(few) << "goes on to be too few";
    EXPECT_GT(*few, 20U);
    EXPECT_FALSE(trials_to_decide(19, 20, 0.95, 0.95)) << "on the threshold itself";
    EXPECT_FALSE(trials_to_decide(0, 0, 0.95, 0.95));
}

TEST(MeanInterval, OfZerosAndOnesIsThatOfClopperAndPearson) {
    for (const int n : {5, 20, 100}) {
        for (const int k : {0, 1, n / 2, n - 1, n}) {
            std::vector<double> values(static_cast<std::size_t>(n), 0.0);
            std::fill_n(values.begin(), k, 1.0);
            const Interval mean = mean_interval(values, 0.95, true);
            const Interval exact = proportion_interval(
                static_cast<std::uint64_t>(k), static_cast<std::uint64_t>(n), 0.95);
            EXPECT_NEAR(mean.low, exact.low, 0.003) << k << " of " << n;
            EXPECT_NEAR(mean.high, exact.high, 0.003) << k << " of " << n;
        }
    }
}

TEST(MeanInterval, OfIdenticalSharesIsNotAPoint) {
    const std::vector<double> values(20, 1.0);
    const Interval mean = mean_interval(values, 0.95, true);
    EXPECT_NEAR(mean.low, std::pow(0.025, 1.0 / 20), 0.003);
    EXPECT_EQ(mean.high, 1);
    const Interval unknown = mean_interval({}, 0.95, true);
    EXPECT_EQ(unknown.low, 0);
    EXPECT_EQ(unknown.high, 1);
}

TEST(MeanInterval, OfUnboundedValuesIsStudents) {
    const Interval mean = mean_interval(one_to(10), 0.95, false);
    EXPECT_NEAR(mean.low, 5.5 - 2.2622 * 0.957427, 1e-3);
    EXPECT_NEAR(mean.high, 5.5 + 2.2622 * 0.957427, 1e-3);
    EXPECT_FALSE(mean_interval(one_to(1), 0.95, false).closed());
}

TEST(KaplanMeier, WithoutCensoringIsTheQuantile) {
    std::vector<Survival> times;
    for (const double time : one_to(20))
        times.push_back({time, false});
    for (const double q : {0.05, 0.5, 0.9, 0.95, 1.0}) {
        EXPECT_EQ(kaplan_meier_quantile(times, q, 0.95).value, quantile(one_to(20), q)) << q;
    }
}

TEST(KaplanMeier, ReproducesTheTreatedGroupOfFreireich) {
    // Leukaemia remissions in weeks, the example of every textbook: median 23, interval [13, open).
    const std::vector<Survival> weeks{
        {6, false},  {6, false},  {6, false},  {6, true},   {7, false}, {9, true},  {10, false},
        {10, true},  {11, true},  {13, false}, {16, false}, {17, true}, {19, true}, {20, true},
        {22, false}, {23, false}, {25, true},  {32, true},  {32, true}, {34, true}, {35, true}};
    const auto median = kaplan_meier_quantile(weeks, 0.5, 0.95);
    EXPECT_EQ(median.value, 23);
    EXPECT_EQ(median.interval.low, 13);
    EXPECT_EQ(median.interval.high, infinity);
    EXPECT_FALSE(kaplan_meier_quantile(weeks, 0.9, 0.95).value) << "not reached";
}

TEST(KaplanMeier, DoesNotCloseWhatOrderStatisticsLeaveOpen) {
    std::vector<Survival> times{{0.5, true}};
    for (const double time : one_to(30))
        times.push_back({time, false});
    EXPECT_EQ(kaplan_meier_quantile(times, 0.95, 0.95).interval.high, infinity);
    EXPECT_TRUE(kaplan_meier_quantile(times, 0.5, 0.95).interval.closed());
}

TEST(KaplanMeier, OfNothingIsNothing) {
    EXPECT_FALSE(kaplan_meier_quantile({}, 0.5, 0.95).value);
    const std::vector<Survival> censored(5, Survival{10, true});
    EXPECT_FALSE(kaplan_meier_quantile(censored, 0.5, 0.95).value);
}

}  // namespace
}  // namespace faultline
