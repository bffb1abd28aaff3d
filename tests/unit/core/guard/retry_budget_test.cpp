// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/retry_budget.hpp"

#include <gtest/gtest.h>

namespace ftcore::guard {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

int withdrawn(RetryBudget& budget, Instant now) {
    int count = 0;
    while (count < 1000 && budget.withdraw(now))
        ++count;
    return count;
}

TEST(RetryBudget, StartsFullAndRunsOut) {
    RetryBudget budget({.per_call = 0.1, .per_second = 0, .tokens_max = 5}, start);
    EXPECT_EQ(withdrawn(budget, start), 5);
    EXPECT_FALSE(budget.withdraw(start + 1h));
}

TEST(RetryBudget, AllowsAShareOfTheCalls) {
    RetryBudget budget({.per_call = 0.25, .per_second = 0, .tokens_max = 1000}, start);
    withdrawn(budget, start);
    for (int call = 0; call < 100; ++call)
        budget.deposit(start);
    EXPECT_EQ(withdrawn(budget, start), 25);
}

TEST(RetryBudget, LetsRareCallersRetryAsTimeGoesBy) {
    RetryBudget budget({.per_call = 0, .per_second = 2, .tokens_max = 10}, start);
    withdrawn(budget, start);
    EXPECT_EQ(withdrawn(budget, start + 1500ms), 3);
    EXPECT_EQ(withdrawn(budget, start + 1h), 10);
}

TEST(RetryBudget, SavesUpNoMoreThanItsMost) {
    RetryBudget budget({.per_call = 1, .per_second = 1, .tokens_max = 3}, start);
    for (int call = 0; call < 100; ++call)
        budget.deposit(start);
    EXPECT_DOUBLE_EQ(budget.tokens(start + 1h), 3);
}

}  // namespace
}  // namespace ftcore::guard
