// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/level.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Level, IsReadBackByItsName) {
    for (const LevelPromise& promise : level_promises()) {
        const auto level = parse_level(name_of(promise.level));
        ASSERT_TRUE(level);
        EXPECT_EQ(*level, promise.level);
        EXPECT_EQ(&promise_of(*level), &promise);
    }
    EXPECT_THAT(level_names(), ElementsAre("high", "medium", "low"));
    EXPECT_THAT(parse_level("medum").error().message, HasSubstr("did you mean \"medium\"?"));
}

TEST(Level, PromisesMoreTheHigherItIs) {
    EXPECT_EQ(promise_of(Level::high).one_power_loss, "nothing");
    EXPECT_EQ(promise_of(Level::medium).all_crashes, "nothing");
    EXPECT_NE(promise_of(Level::low).one_crash, "nothing");
}

TEST(Level, ExplainsAllLevels) {
    EXPECT_THAT(describe_levels(),
                HasSubstr("medium: a write is acknowledged when a quorum has it"));
}

}  // namespace
}  // namespace ftcore
