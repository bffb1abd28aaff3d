// SPDX-License-Identifier: Apache-2.0
#include "harness/load/schedule.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace faultline {
namespace {

std::vector<std::int64_t> offsets(Arrivals arrivals, double rate, std::uint64_t seed, int count) {
    Schedule schedule(arrivals, rate, Random(seed));
    schedule.begin(instant_of(0));
    std::vector<std::int64_t> all;
    for (int i = 0; i < count; ++i) {
        all.push_back(nanoseconds_of(schedule.next()));
        schedule.advance();
    }
    return all;
}

TEST(Schedule, ConstantArrivalsDoNotDriftWithRounding) {
    // 3 per second cannot be spelled in nanoseconds.
    const auto all = offsets(Arrivals::constant, 3, 1, 3'000'001);
    EXPECT_EQ(all[0], 0);
    EXPECT_EQ(all[1], 333'333'333);
    EXPECT_EQ(all[3'000'000], 1'000'000 * std::int64_t{1'000'000'000});
}

TEST(Schedule, PoissonArrivalsAreTheSameForTheSameSeedAndOthersForAnother) {
    EXPECT_EQ(offsets(Arrivals::poisson, 1000, 7, 1000), offsets(Arrivals::poisson, 1000, 7, 1000));
    EXPECT_NE(offsets(Arrivals::poisson, 1000, 7, 1000), offsets(Arrivals::poisson, 1000, 8, 1000));
}

TEST(Schedule, PoissonGapsHaveTheMeanAndTheSpreadOfAnExponential) {
    const auto all = offsets(Arrivals::poisson, 1000, 3, 200'001);
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 1; i < all.size(); ++i) {
        const double gap = static_cast<double>(all[i] - all[i - 1]) / 1e6;
        EXPECT_GE(gap, 0);
        sum += gap;
        squares += gap * gap;
    }
    const double count = static_cast<double>(all.size() - 1);
    EXPECT_NEAR(sum / count, 1.0, 0.02);
    EXPECT_NEAR(squares / count, 2.0, 0.1);
}

}  // namespace
}  // namespace faultline
