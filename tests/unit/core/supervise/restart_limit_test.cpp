// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/restart_limit.hpp"

#include <gtest/gtest.h>

namespace ftcore {
namespace {

using namespace std::chrono_literals;
constexpr Instant start{1h};

TEST(RestartLimit, AllowsSoManyInAnyPeriod) {
    RestartLimit limit(2, 5s);
    EXPECT_TRUE(limit.add(start));
    EXPECT_TRUE(limit.add(start + 1s));
    EXPECT_FALSE(limit.add(start + 5s));
    EXPECT_EQ(limit.count(start + 5s), 3);
    EXPECT_TRUE(RestartLimit(1, 5s).add(start));
    EXPECT_FALSE(RestartLimit(0, 5s).add(start));
}

TEST(RestartLimit, ForgetsWhatIsOlderThanThePeriod) {
    RestartLimit limit(1, 5s);
    EXPECT_TRUE(limit.add(start));
    EXPECT_TRUE(limit.add(start + 5001ms));
    EXPECT_EQ(limit.count(start + 20s), 0);
}

TEST(RestartPause, DoublesUpToItsCapAndForgets) {
    RestartPause pause({.first = 100ms, .cap = 350ms, .stable_after = 10s});
    EXPECT_EQ(pause.next(1s), 0ms);
    EXPECT_EQ(pause.next(1s), 100ms);
    EXPECT_EQ(pause.next(1s), 200ms);
    EXPECT_EQ(pause.next(1s), 350ms);
    EXPECT_EQ(pause.next(1s), 350ms);
    EXPECT_EQ(pause.next(10s), 0ms);
    EXPECT_EQ(pause.next(1s), 100ms);
}

}  // namespace
}  // namespace ftcore
