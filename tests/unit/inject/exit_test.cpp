// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;
using testing::Not;

FaultSpec exit_with(Duration grace, std::int64_t signal = SIGTERM) {
    return fault_spec("process.exit", {{"grace", grace}, {"signal", signal}});
}

TEST(ProcessExit, RejectsASignalThatIsNone) {
    ChildVictim victim("kv[0]", {"idle"});
    EXPECT_FALSE(make_test_fault(exit_with(std::chrono::seconds(1), 0), {&victim}));
}

TEST(ProcessExit, NeedsNoKillForAProcessThatEndsWhenAsked) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(exit_with(std::chrono::seconds(60)), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    const Proof proof = prove_until_confirmed(**fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_EQ(proof.observed, victim.ended()->seen);
    EXPECT_THAT(proof.evidence, HasSubstr("signal 15 (TERM)"));
    EXPECT_THAT(proof.evidence, Not(HasSubstr("got KILL")));
}

TEST(ProcessExit, KillsAfterTheGraceAndSaysSo) {
    ChildVictim victim("kv[0]", {"stubborn"});
    auto fault = make_test_fault(exit_with(std::chrono::milliseconds(50)), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    const Instant applied = now();
    const Proof proof = prove_until_confirmed(**fault, applied);
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_GE(proof.observed, applied + std::chrono::milliseconds(50));
    EXPECT_THAT(proof.evidence,
                HasSubstr("kv[0] did not end within the grace of 50ms and got KILL"));
    EXPECT_THAT(proof.evidence, HasSubstr("signal 9 (KILL)"));
}

TEST(ProcessExit, IsUnconfirmedDuringTheGrace) {
    ChildVictim victim("kv[0]", {"stubborn"});
    auto fault = make_test_fault(exit_with(std::chrono::seconds(60)), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    EXPECT_EQ((*fault)->prove(now()).effect, Effect::unconfirmed);
    EXPECT_FALSE(victim.ended());
}

}  // namespace
}  // namespace faultline
