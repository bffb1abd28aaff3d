// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/bulkhead.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
using Entry = Bulkhead::Entry;

constexpr Instant start{1h};

Bulkhead small() {
    return Bulkhead({.running_max = 1, .waiting_max = 2, .wait_max = 100ms});
}

TEST(Bulkhead, StartsQueuesAndRefuses) {
    Bulkhead bulkhead = small();
    EXPECT_EQ(bulkhead.enter(start, Deadline::never()).entry, Entry::started);
    EXPECT_EQ(bulkhead.enter(start, Deadline::never()).entry, Entry::waiting);
    EXPECT_EQ(bulkhead.enter(start, Deadline::never()).entry, Entry::waiting);
    EXPECT_EQ(bulkhead.enter(start, Deadline::never()).entry, Entry::refused);
    EXPECT_EQ(bulkhead.running(), 1U);
    EXPECT_EQ(bulkhead.waiting(), 2U);
}

TEST(Bulkhead, StartsTheLongestWaiting) {
    Bulkhead bulkhead = small();
    static_cast<void>(bulkhead.enter(start, Deadline::never()));
    const auto second = bulkhead.enter(start, Deadline::never());
    const auto third = bulkhead.enter(start, Deadline::never());
    EXPECT_EQ(bulkhead.leave(start), second.ticket);
    EXPECT_EQ(bulkhead.leave(start), third.ticket);
    EXPECT_EQ(bulkhead.leave(start), std::nullopt);
    EXPECT_EQ(bulkhead.running(), 0U);
}

TEST(Bulkhead, LetsNobodyWaitTooLong) {
    Bulkhead bulkhead = small();
    static_cast<void>(bulkhead.enter(start, Deadline::never()));
    const auto patient = bulkhead.enter(start, Deadline::never());
    const auto hurried = bulkhead.enter(start, Deadline::at(start + 10ms));
    EXPECT_EQ(bulkhead.deadline(), Deadline::at(start + 10ms));
    EXPECT_THAT(bulkhead.expire(start + 9ms), IsEmpty());
    EXPECT_THAT(bulkhead.expire(start + 10ms), ElementsAre(hurried.ticket));
    EXPECT_THAT(bulkhead.expire(start + 100ms), ElementsAre(patient.ticket));
    EXPECT_EQ(bulkhead.deadline(), Deadline::never());
}

TEST(Bulkhead, DoesNotStartWhoHasWaitedTooLong) {
    Bulkhead bulkhead = small();
    static_cast<void>(bulkhead.enter(start, Deadline::never()));
    const auto hurried = bulkhead.enter(start, Deadline::at(start + 10ms));
    const auto patient = bulkhead.enter(start, Deadline::never());
    EXPECT_EQ(bulkhead.leave(start + 20ms), patient.ticket);
    EXPECT_THAT(bulkhead.expire(start + 20ms), ElementsAre(hurried.ticket));
}

TEST(Bulkhead, RefusesWhoseDeadlineHasPassed) {
    Bulkhead bulkhead = small();
    EXPECT_EQ(bulkhead.enter(start, Deadline::at(start)).entry, Entry::refused);
    EXPECT_EQ(bulkhead.running(), 0U);
}

TEST(Bulkhead, ForgetsWhoGivesUp) {
    Bulkhead bulkhead = small();
    static_cast<void>(bulkhead.enter(start, Deadline::never()));
    const auto second = bulkhead.enter(start, Deadline::never());
    EXPECT_TRUE(bulkhead.cancel(second.ticket));
    EXPECT_FALSE(bulkhead.cancel(second.ticket));
    EXPECT_EQ(bulkhead.leave(start), std::nullopt);
}

}  // namespace
}  // namespace ftcore::guard
