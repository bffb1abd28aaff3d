// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/backoff.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace ftcore::guard {
namespace {

using namespace std::chrono_literals;

std::vector<Duration> pauses(std::uint64_t seed, int count) {
    Random random(seed);
    Backoff backoff({.base = 10ms, .cap = 1s});
    std::vector<Duration> drawn;
    for (int i = 0; i < count; ++i)
        drawn.push_back(backoff.next(random));
    return drawn;
}

TEST(Backoff, StaysBetweenItsBaseAndThreeTimesTheLastPause) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Duration last = 10ms;
        for (const Duration pause : pauses(seed, 20)) {
            EXPECT_GE(pause, 10ms);
            EXPECT_LE(pause, std::min<Duration>(last * 3, 1s));
            last = pause;
        }
    }
}

TEST(Backoff, GrowsUpToItsCap) {
    Duration longest{};
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        for (const Duration pause : pauses(seed, 50))
            longest = std::max(longest, pause);
    }
    EXPECT_GT(longest, 900ms);
    EXPECT_LE(longest, 1s);
}

TEST(Backoff, IsTheSameForTheSameSeed) {
    EXPECT_EQ(pauses(7, 10), pauses(7, 10));
    EXPECT_NE(pauses(7, 10), pauses(8, 10));
}

TEST(Backoff, BeginsAgainWhenReset) {
    Random random(3);
    Backoff backoff({.base = 10ms, .cap = 1s});
    for (int i = 0; i < 20; ++i)
        static_cast<void>(backoff.next(random));
    backoff.reset();
    EXPECT_LE(backoff.next(random), 30ms);
}

TEST(Backoff, MayHaveNoRangeAtAll) {
    Random random(3);
    Backoff backoff({.base = 5ms, .cap = 5ms});
    EXPECT_EQ(backoff.next(random), 5ms);
    EXPECT_EQ(backoff.next(random), 5ms);
}

}  // namespace
}  // namespace ftcore::guard
