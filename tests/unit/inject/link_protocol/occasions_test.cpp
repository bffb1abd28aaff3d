// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/occasions.hpp"

#include <string>

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

/// Which of `count` matching requests are struck: "..x..x".
std::string struck(HowOften how_often, int count, std::uint64_t seed = 1) {
    Occasions occasions(how_often);
    Random random(seed);
    std::string drawn;
    for (int index = 0; index < count; ++index)
        drawn += occasions.next(random) ? 'x' : '.';
    return drawn;
}

TEST(Occasions, AreAllWithoutConditions) {
    EXPECT_EQ(struck({}, 4), "xxxx");
}

TEST(Occasions, SkipCountAndLimit) {
    EXPECT_EQ(struck({.after = 2}, 5), "..xxx");
    EXPECT_EQ(struck({.every = 3}, 7), "..x..x.");
    EXPECT_EQ(struck({.first = 2}, 5), "xx...");
    EXPECT_EQ(struck({.after = 1, .every = 2, .first = 2}, 8), "..x.x...");
}

TEST(Occasions, AreDrawnFromTheSeed) {
    const HowOften half{.probability = 0.5};
    EXPECT_EQ(struck(half, 200, 7), struck(half, 200, 7));
    EXPECT_NE(struck(half, 200, 7), struck(half, 200, 8));
    const std::string drawn = struck({.probability = 0.25}, 4000);
    const auto count = std::count(drawn.begin(), drawn.end(), 'x');
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
    EXPECT_EQ(struck({.probability = 0}, 100), std::string(100, '.'));
}

TEST(Occasions, LimitWhatIsStruckNotWhatIsDrawn) {
    const std::string drawn = struck({.probability = 0.5, .first = 10}, 200);
    EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 'x'), 10);
}

}  // namespace
}  // namespace faultline::link
