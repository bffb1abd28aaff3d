// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int draw_count = 200'000;

/// Draws in milliseconds, sorted.
std::vector<double> draws(const DelaySpec& spec, std::uint64_t seed = 7, int count = draw_count) {
    auto distribution = Distribution::make(spec);
    EXPECT_TRUE(distribution) << distribution.error().message;
    if (!distribution) return {};
    Random random(seed);
    std::vector<double> drawn;
    for (int i = 0; i < count; ++i)
        drawn.push_back(milliseconds_of(distribution->draw(random)));
    std::sort(drawn.begin(), drawn.end());
    return drawn;
}

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
    const double mean = mean_of(values);
    double sum = 0;
    for (const double value : values)
        sum += (value - mean) * (value - mean);
    return std::sqrt(sum / static_cast<double>(values.size()));
}

double quantile(const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

std::string refused(const DelaySpec& spec) {
    const auto made = Distribution::make(spec);
    EXPECT_FALSE(made);
    return made ? std::string() : made.error().message;
}

TEST(Distribution, ConstantIsAlwaysItsMean) {
    const auto drawn = draws({.shape = DelayShape::constant, .delay = milliseconds(50)});
    EXPECT_EQ(drawn.front(), 50);
    EXPECT_EQ(drawn.back(), 50);
}

TEST(Distribution, UniformFillsTheSpreadAroundItsMean) {
    const auto drawn =
        draws({.shape = DelayShape::uniform, .delay = milliseconds(50), .spread = milliseconds(5)});
    EXPECT_NEAR(mean_of(drawn), 50, 0.05);
    EXPECT_NEAR(deviation_of(drawn), 10 / std::sqrt(12), 0.02);
    EXPECT_GE(drawn.front(), 45);
    EXPECT_LE(drawn.back(), 55);
    EXPECT_LT(drawn.front(), 45.01);
    EXPECT_GT(drawn.back(), 54.99);
}

TEST(Distribution, NormalHasItsMeanAndDeviation) {
    const auto drawn =
        draws({.shape = DelayShape::normal, .delay = milliseconds(50), .spread = milliseconds(5)});
    EXPECT_NEAR(mean_of(drawn), 50, 0.05);
    EXPECT_NEAR(deviation_of(drawn), 5, 0.03);
    EXPECT_NEAR(quantile(drawn, 0.9772), 60, 0.15);  // two deviations
}

TEST(Distribution, ExponentialHasItsMeanAndMedian) {
    const auto drawn = draws({.shape = DelayShape::exponential, .delay = milliseconds(50)});
    EXPECT_NEAR(mean_of(drawn), 50, 0.4);
    EXPECT_NEAR(quantile(drawn, 0.5), 50 * std::log(2), 0.4);
}

TEST(Distribution, ParetoHasItsMeanAndItsTail) {
    const auto drawn = draws({.shape = DelayShape::pareto, .delay = milliseconds(60), .tail = 3});
    const double least = 40;  // mean (shape - 1) / shape
    EXPECT_GE(drawn.front(), least);
    EXPECT_LT(drawn.front(), least + 0.01);
    EXPECT_NEAR(mean_of(drawn), 60, 0.5);
    EXPECT_NEAR(quantile(drawn, 0.99), least * std::pow(100, 1.0 / 3), 2);
}

TEST(Distribution, QuantilesAreMetAndJoinedByStraightLines) {
    const auto drawn = draws({.shape = DelayShape::quantiles,
                              .quantiles = {{0.5, milliseconds(1)}, {0.99, milliseconds(20)}}});
    EXPECT_NEAR(quantile(drawn, 0.25), 0.5, 0.02);
    EXPECT_NEAR(quantile(drawn, 0.5), 1, 0.02);
    EXPECT_NEAR(quantile(drawn, 0.745), 10.5, 0.2);
    EXPECT_NEAR(quantile(drawn, 0.985), 20 - 0.005 / 0.49 * 19, 0.1);
    EXPECT_EQ(drawn.back(), 20);
    EXPECT_EQ(quantile(drawn, 0.995), 20);
}

TEST(Distribution, QuantilesMayNameTheWholeRange) {
    const auto drawn = draws({.shape = DelayShape::quantiles,
                              .quantiles = {{0, milliseconds(10)}, {1, milliseconds(30)}}});
    EXPECT_GE(drawn.front(), 10);
    EXPECT_LE(drawn.back(), 30);
    EXPECT_NEAR(mean_of(drawn), 20, 0.1);
    const auto point =
        draws({.shape = DelayShape::quantiles, .quantiles = {{0, milliseconds(10)}}}, 7, 100);
    EXPECT_EQ(point.front(), 10);
    EXPECT_EQ(point.back(), 10);
}

TEST(Distribution, CutsDrawsBelowZeroAndBeyondTheLongest) {
    const auto low =
        draws({.shape = DelayShape::normal, .delay = milliseconds(0), .spread = milliseconds(5)});
    EXPECT_EQ(low.front(), 0);
    EXPECT_EQ(quantile(low, 0.49), 0);
    EXPECT_GT(quantile(low, 0.51), 0);
    const auto high =
        draws({.shape = DelayShape::pareto, .delay = delay_max, .tail = 1.01}, 7, 10'000);
    EXPECT_EQ(high.back(), milliseconds_of(delay_max));
}

TEST(Distribution, DrawsTheSameForTheSameSeedAndOthersForAnother) {
    for (const DelayShape shape : {DelayShape::uniform, DelayShape::normal}) {
        const DelaySpec spec{.shape = shape, .delay = milliseconds(50), .spread = milliseconds(5)};
        EXPECT_EQ(draws(spec, 3, 100), draws(spec, 3, 100));
        EXPECT_NE(draws(spec, 3, 100), draws(spec, 4, 100));
    }
}

TEST(Distribution, RefusesWhatIsOutsideItsRangeAndSaysTheRange) {
    const auto longest = Duration::max();
    EXPECT_THAT(refused({.delay = longest}), AllOf(HasSubstr("\"delay\""), HasSubstr("3600s")));
    EXPECT_THAT(refused({.delay = milliseconds(-1)}), HasSubstr("between 0s and 3600s"));
    EXPECT_THAT(refused({.delay = delay_max, .spread = longest}), HasSubstr("\"spread\""));
    EXPECT_THAT(refused({.spread = hours(2)}), HasSubstr("7200s"));
    for (const double tail : {-1.0, 0.0, 1.0, 101.0, std::nan("")}) {
        EXPECT_THAT(refused({.shape = DelayShape::pareto, .delay = milliseconds(1), .tail = tail}),
                    HasSubstr("\"shape\""));
    }
}

TEST(Distribution, RefusesWhatContradictsItself) {
    for (const DelayShape shape :
         {DelayShape::constant, DelayShape::exponential, DelayShape::pareto}) {
        EXPECT_THAT(refused({.shape = shape, .delay = milliseconds(9), .spread = milliseconds(1)}),
                    HasSubstr("uniform and normal"));
    }
    EXPECT_THAT(refused({.shape = DelayShape::quantiles}), HasSubstr("empty"));
    EXPECT_THAT(refused({.shape = DelayShape::quantiles,
                         .delay = milliseconds(1),
                         .quantiles = {{0.5, milliseconds(1)}}}),
                HasSubstr("either"));
    EXPECT_THAT(refused({.delay = milliseconds(1), .quantiles = {{0.5, milliseconds(1)}}}),
                HasSubstr("for the distribution quantiles"));
}

TEST(Distribution, RefusesQuantilesThatDoNotRise) {
    using Quantiles = std::vector<DelaySpec::Quantile>;
    const auto of = [](Quantiles quantiles) {
        return refused({.shape = DelayShape::quantiles, .quantiles = std::move(quantiles)});
    };
    EXPECT_THAT(of({{0.5, milliseconds(2)}, {0.9, milliseconds(1)}}), HasSubstr("must rise"));
    EXPECT_THAT(of({{0.5, milliseconds(1)}, {0.5, milliseconds(2)}}), HasSubstr("must rise"));
    EXPECT_THAT(of({{0.9, milliseconds(1)}, {0.5, milliseconds(2)}}), HasSubstr("must rise"));
    EXPECT_THAT(of({{1.5, milliseconds(1)}}), HasSubstr("between 0 and 1"));
    EXPECT_THAT(of({{std::nan(""), milliseconds(1)}}), HasSubstr("between 0 and 1"));
    EXPECT_THAT(of({{0.5, seconds(36000)}}), HasSubstr("3600s"));
    Quantiles many;
    for (int i = 0; i <= 100; ++i)
        many.push_back({i / 100.0, milliseconds(i)});
    EXPECT_THAT(of(many), HasSubstr("at most 100"));
}

}  // namespace
}  // namespace faultline::link
