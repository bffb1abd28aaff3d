// SPDX-License-Identifier: Apache-2.0
#include "harness/base/random.hpp"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace faultline {
namespace {

std::vector<std::uint64_t> draws(Random random, int count) {
    std::vector<std::uint64_t> values;
    for (int i = 0; i < count; ++i)
        values.push_back(random.next());
    return values;
}

TEST(Random, GivesTheKnownDrawsOfTheAlgorithm) {
    // xoshiro256** with its state filled by splitmix64, computed by an independent implementation.
    EXPECT_EQ(
        draws(Random(0), 4),
        (std::vector<std::uint64_t>{
            0x99EC5F36CB75F2B4U, 0xBF6E1F784956452AU, 0x1A5F849D4933E6E0U, 0x6AA594F1262D2D2CU}));
    EXPECT_EQ(
        draws(Random(7), 4),
        (std::vector<std::uint64_t>{
            0xB358FAF74EF9765AU, 0x475C3D964F482CD2U, 0xD6F1D349952C7996U, 0xFB2938731E807240U}));
}

TEST(Random, RepeatsItselfFromTheSameSeedOnly) {
    EXPECT_EQ(draws(Random(42), 100), draws(Random(42), 100));
    EXPECT_NE(draws(Random(42), 100), draws(Random(43), 100));
    EXPECT_EQ(Random(42).seed(), 42U);
}

TEST(Random, ForksByNameWithoutBeingAdvanced) {
    Random random(42);
    const auto load = draws(random.fork("load"), 50);
    EXPECT_NE(load, draws(random.fork("inject"), 50));
    EXPECT_NE(load, draws(random.fork("load", 1), 50));
    EXPECT_NE(load, draws(Random(43).fork("load"), 50));
    random.next();
    EXPECT_EQ(load, draws(random.fork("load"), 50));
    EXPECT_NE(load, draws(Random(42), 50));
}

TEST(Random, ForksOfManyIndicesDiffer) {
    std::set<std::uint64_t> seeds;
    const Random random(1);
    for (std::uint64_t index = 0; index < 10'000; ++index) {
        seeds.insert(random.fork("trial", index).seed());
    }
    EXPECT_EQ(seeds.size(), 10'000U);
}

TEST(Random, DrawsBelowABoundEvenly) {
    Random random(3);
    constexpr int count = 70'000;
    std::vector<int> counts(7);
    for (int i = 0; i < count; ++i)
        ++counts[random.below(7)];
    // Five standard deviations; the seed is fixed, so this never fails by chance.
    for (const int drawn : counts)
        EXPECT_NEAR(drawn, 10'000, 5 * std::sqrt(10'000.0 * 6 / 7));
    EXPECT_EQ(random.below(1), 0U);
}

struct Moments {
    double mean;
    double variance;
};

template <class Draw>
Moments moments_of(Draw draw) {
    constexpr int count = 100'000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; ++i) {
        const double value = draw();
        sum += value;
        squares += value * value;
    }
    const double mean = sum / count;
    return {mean, squares / count - mean * mean};
}

TEST(Random, DrawsUniformly) {
    Random random(4);
    const Moments moments = moments_of([&random] {
        const double value = random.uniform();
        EXPECT_GE(value, 0.0);
        EXPECT_LT(value, 1.0);
        return value;
    });
    EXPECT_NEAR(moments.mean, 0.5, 0.005);
    EXPECT_NEAR(moments.variance, 1.0 / 12, 0.002);
}

TEST(Random, DrawsExponentially) {
    Random random(5);
    const Moments moments = moments_of([&random] {
        const double value = random.exponential(3.0);
        EXPECT_GE(value, 0.0);
        return value;
    });
    EXPECT_NEAR(moments.mean, 3.0, 0.05);
    EXPECT_NEAR(moments.variance, 9.0, 0.4);
}

TEST(Random, DrawsNormally) {
    Random random(6);
    const Moments moments = moments_of([&random] { return random.normal(); });
    EXPECT_NEAR(moments.mean, 0.0, 0.02);
    EXPECT_NEAR(moments.variance, 1.0, 0.03);
}

TEST(FreshSeed, SurvivesAJsonReader) {
    const std::uint64_t seed = fresh_seed();
    EXPECT_EQ(static_cast<std::uint64_t>(static_cast<double>(seed)), seed);
    EXPECT_NE(seed, fresh_seed());
}

}  // namespace
}  // namespace faultline
