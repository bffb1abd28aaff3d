// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace ftcore::guard {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

constexpr BreakerSettings settings{.failure_share = 0.5,
                                   .calls_min = 4,
                                   .window = 10s,
                                   .open_for = 1s,
                                   .open_for_max = 3s,
                                   .probes = 2};

class CircuitBreakerTest : public ::testing::Test {
  protected:
    bool call(bool ok) {
        const auto permit = breaker_.admit(now_);
        if (!permit) return false;
        if (ok) {
            breaker_.succeeded(now_, *permit);
        } else {
            breaker_.failed(now_, *permit);
        }
        return true;
    }
    void break_it() {
        for (int i = 0; i < settings.calls_min; ++i)
            ASSERT_TRUE(call(false));
        ASSERT_EQ(breaker_.state(now_), State::open);
    }

    CircuitBreaker breaker_{settings};
    Instant now_{1h};
};

TEST_F(CircuitBreakerTest, StaysClosedWhileCallsSucceed) {
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(call(i % 4 != 3));
    EXPECT_EQ(breaker_.state(now_), State::closed);
}

TEST_F(CircuitBreakerTest, OpensAtItsShareOfFailures) {
    EXPECT_TRUE(call(true));
    EXPECT_TRUE(call(true));
    EXPECT_TRUE(call(false));
    EXPECT_EQ(breaker_.state(now_), State::closed) << "three calls say too little";
    EXPECT_TRUE(call(false));
    EXPECT_EQ(breaker_.state(now_), State::open);
    EXPECT_FALSE(call(true));
}

TEST_F(CircuitBreakerTest, ForgetsWhatLeftItsWindow) {
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(call(false));
    now_ += 11s;
    EXPECT_TRUE(call(false));
    EXPECT_EQ(breaker_.state(now_), State::closed);
}

TEST_F(CircuitBreakerTest, ClosesAfterEnoughProbes) {
    break_it();
    EXPECT_EQ(breaker_.probe_at(), now_ + 1s);
    now_ += 1s;
    EXPECT_EQ(breaker_.state(now_), State::half_open);
    EXPECT_TRUE(call(true));
    EXPECT_EQ(breaker_.state(now_), State::half_open);
    EXPECT_TRUE(call(true));
    EXPECT_EQ(breaker_.state(now_), State::closed);
    EXPECT_TRUE(call(false)) << "with a clean window";
    EXPECT_EQ(breaker_.state(now_), State::closed);
}

TEST_F(CircuitBreakerTest, OpensForLongerWithEveryFailedProbe) {
    break_it();
    for (const Duration open_for : {Duration(2s), Duration(3s), Duration(3s)}) {
        now_ = breaker_.probe_at();
        EXPECT_TRUE(call(false));
        EXPECT_EQ(breaker_.state(now_), State::open);
        EXPECT_EQ(breaker_.probe_at() - now_, open_for);
    }
}

TEST_F(CircuitBreakerTest, LetsOneProbeThroughAtATime) {
    break_it();
    now_ += 1s;
    const auto probe = breaker_.admit(now_);
    ASSERT_TRUE(probe);
    EXPECT_FALSE(breaker_.admit(now_));
    breaker_.abandoned(*probe);
    EXPECT_TRUE(breaker_.admit(now_));
}

TEST_F(CircuitBreakerTest, GivesUpAProbeThatNeverCameBack) {
    break_it();
    now_ += 1s;
    ASSERT_TRUE(breaker_.admit(now_));
    now_ += 999ms;
    EXPECT_FALSE(breaker_.admit(now_));
    now_ += 1ms;
    EXPECT_TRUE(breaker_.admit(now_));
}

TEST_F(CircuitBreakerTest, IgnoresLateAnswersOfAnEarlierState) {
    const auto early = breaker_.admit(now_);
    ASSERT_TRUE(early);
    break_it();
    now_ += 1s;
    ASSERT_TRUE(breaker_.admit(now_));
    breaker_.succeeded(now_, *early);
    breaker_.succeeded(now_, *early);
    EXPECT_EQ(breaker_.state(now_), State::half_open);
    breaker_.failed(now_, *early);
    EXPECT_EQ(breaker_.state(now_), State::half_open);
}

}  // namespace
}  // namespace ftcore::guard
