// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

FaultSpec start_failure(std::int64_t count) {
    return fault_spec("process.start_failure", {{"count", count}});
}

TEST(ProcessStartFailure, RejectsACountOfNone) {
    ChildVictim victim("kv[0]", {"idle"});
    EXPECT_FALSE(make_test_fault(start_failure(0), {&victim}));
}

TEST(ProcessStartFailure, IsConfirmedOnlyWhenAStartHasFailed) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(start_failure(2), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    const Proof before = (*fault)->prove(now());
    EXPECT_EQ(before.effect, Effect::unconfirmed);
    EXPECT_THAT(before.evidence, HasSubstr("no start was tried"));

    victim.kill_and_wait();
    EXPECT_FALSE(victim.start());
    const Proof after = (*fault)->prove(now());
    EXPECT_EQ(after.effect, Effect::confirmed);
    EXPECT_THAT(after.evidence, HasSubstr("1 of the next 2 starts failed"));
}

TEST(ProcessStartFailure, LetsStartsSucceedAgainOnceCleared) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(start_failure(5), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    victim.kill_and_wait();
    EXPECT_FALSE(victim.start());
    ASSERT_TRUE((*fault)->clear());
    EXPECT_TRUE(victim.start());
}

}  // namespace
}  // namespace faultline
