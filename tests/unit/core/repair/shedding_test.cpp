// SPDX-License-Identifier: Apache-2.0
#include "targets/core/repair/shedding.hpp"

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;

Instant at(int milliseconds_since) {
    return Instant(std::chrono::seconds(100)) + milliseconds(milliseconds_since);
}

TEST(Shedding, BeginsWithOverloadOnly) {
    Shedding shedding{SheddingSettings{}};
    EXPECT_FALSE(shedding.turn(at(0), false, true).has_value());
    EXPECT_EQ(shedding.deadline(), Instant::max());
    EXPECT_DOUBLE_EQ(shedding.turn(at(1), true, true).value(), 0.2);
    EXPECT_EQ(shedding.deadline(), at(201));
}

TEST(Shedding, GrowsByFactorsUpToItsMost) {
    Shedding shedding{SheddingSettings{}};
    shedding.turn(at(0), true, true);
    EXPECT_FALSE(shedding.turn(at(100), true, true).has_value());
    EXPECT_DOUBLE_EQ(shedding.turn(at(200), true, true).value(), 0.3);
    EXPECT_DOUBLE_EQ(shedding.turn(at(400), true, true).value(), 0.45);
    for (int i = 3; i < 20; ++i)
        shedding.turn(at(200 * i), true, true);
    EXPECT_DOUBLE_EQ(shedding.share(), 0.9);
}

TEST(Shedding, ShrinksInStepsAndEnds) {
    Shedding shedding{SheddingSettings{}};
    shedding.turn(at(0), true, true);
    EXPECT_DOUBLE_EQ(shedding.turn(at(200), true, false).value(), 0.1);
    EXPECT_DOUBLE_EQ(shedding.turn(at(400), false, false).value(), 0);
    EXPECT_FALSE(shedding.active());
    EXPECT_FALSE(shedding.turn(at(600), false, false).has_value());
}

}  // namespace
}  // namespace ftcore::testing
