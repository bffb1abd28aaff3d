// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/retry.hpp"

#include <gtest/gtest.h>

namespace ftcore::guard {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

CallError error_with(Retry retry) {
    return {ErrorCode::internal, retry, "it failed", {}};
}

class RetryCallTest : public ::testing::Test {
  protected:
    RetryCall call(CallContext context) { return {settings_, budget_, random_, context, start}; }

    RetrySettings settings_{.attempts_max = 3, .backoff = {.base = 10ms, .cap = 100ms}};
    RetryBudget budget_{{.per_call = 0, .per_second = 0, .tokens_max = 10}, start};
    Random random_{1};
};

TEST_F(RetryCallTest, RepeatsWhatIsSurelyNotDone) {
    RetryCall retry = call({});
    EXPECT_EQ(retry.context().attempt, 1);
    const auto again = retry.failed(start, error_with(Retry::later));
    ASSERT_TRUE(again);
    EXPECT_GE(*again, start + 10ms);
    EXPECT_LE(*again, start + 30ms);
    EXPECT_EQ(retry.context().attempt, 2);
}

TEST_F(RetryCallTest, NeverRepeatsWhatMayHaveHappenedUnlessIdempotent) {
    RetryCall careful = call({});
    EXPECT_FALSE(careful.failed(start, error_with(Retry::if_idempotent)));
    RetryCall idempotent = call({.idempotent = true});
    EXPECT_TRUE(idempotent.failed(start, error_with(Retry::if_idempotent)));
}

TEST_F(RetryCallTest, NeverRepeatsWhatFailsAgain) {
    RetryCall retry = call({.idempotent = true});
    EXPECT_FALSE(retry.failed(start, error_with(Retry::never)));
}

TEST_F(RetryCallTest, GoesElsewhereAtOnceButDoesNotSpinInARing) {
    RetryCall retry = call({});
    EXPECT_EQ(retry.failed(start, error_with(Retry::elsewhere)), start);
    EXPECT_GE(*retry.failed(start, error_with(Retry::elsewhere)), start + 10ms);
}

TEST_F(RetryCallTest, EndsAfterItsAttempts) {
    RetryCall retry = call({});
    EXPECT_TRUE(retry.failed(start, error_with(Retry::later)));
    EXPECT_TRUE(retry.failed(start, error_with(Retry::later)));
    EXPECT_FALSE(retry.failed(start, error_with(Retry::later)));
}

TEST_F(RetryCallTest, DoesNotTryWhenNobodyWaitsAnyMore) {
    RetryCall retry = call({.deadline = Deadline::at(start + 5ms)});
    EXPECT_FALSE(retry.failed(start, error_with(Retry::later)));
    EXPECT_DOUBLE_EQ(budget_.tokens(start), 10) << "and pays nothing";
}

TEST_F(RetryCallTest, StopsWhenTheBudgetOfAllCallsIsSpent) {
    while (budget_.withdraw(start)) {
    }
    RetryCall retry = call({});
    EXPECT_FALSE(retry.failed(start, error_with(Retry::later)));
}

}  // namespace
}  // namespace ftcore::guard
