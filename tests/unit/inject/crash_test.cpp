// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

FaultSpec crash(std::int64_t signal) {
    return fault_spec("process.crash", {{"signal", signal}});
}

TEST(ProcessCrash, RejectsASignalThatIsNone) {
    ChildVictim victim("kv[0]", {"idle"});
    EXPECT_FALSE(make_test_fault(crash(0), {&victim}));
    EXPECT_FALSE(make_test_fault(crash(65), {&victim}));
}

TEST(ProcessCrash, KillsEveryVictimAndNamesTheEvidence) {
    ChildVictim first("kv[0]", {"idle"});
    ChildVictim second("kv[1]", {"spin", "2"});
    const pid_t pid = first.pid();
    auto fault = make_test_fault(crash(SIGKILL), {&first, &second});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    const auto applied = (*fault)->apply();
    const Instant at = now();
    ASSERT_TRUE(applied) << applied.error().message;
    const Proof proof = prove_until_confirmed(**fault, at);
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_EQ(proof.effective_bound, at + std::chrono::microseconds(20));
    EXPECT_EQ(proof.observed, std::max(first.ended()->seen, second.ended()->seen));
    EXPECT_THAT(proof.evidence,
                HasSubstr("kv[0] (pid " + std::to_string(pid) + ") ended by signal 9 (KILL)"));
    EXPECT_THAT(proof.evidence, HasSubstr("ms after the call"));
    EXPECT_EQ((*fault)->mechanism(), "pidfd_send_signal KILL");
    EXPECT_TRUE((*fault)->clear());
}

TEST(ProcessCrash, IsUnconfirmedWhenTheProcessSurvivesTheSignal) {
    ChildVictim victim("kv[0]", {"stubborn"});
    auto fault = make_test_fault(crash(SIGTERM), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    const Proof proof = (*fault)->prove(now());
    EXPECT_EQ(proof.effect, Effect::unconfirmed);
    EXPECT_FALSE(proof.effective_bound);
    EXPECT_THAT(proof.evidence, HasSubstr("still runs after TERM"));
}

TEST(ProcessCrash, BoundsTheEffectOfOtherSignalsByTheObservedEnd) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(crash(SIGUSR2), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    const Proof proof = prove_until_confirmed(**fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_EQ(proof.effective_bound, proof.observed);
    EXPECT_THAT(proof.evidence, HasSubstr("signal 12 (USR2)"));
}

TEST(ProcessCrash, CannotBePreparedOnAProcessThatHasEnded) {
    ChildVictim victim("kv[0]", {"idle"});
    victim.kill_and_wait();
    auto fault = make_test_fault(crash(SIGKILL), {&victim});
    ASSERT_TRUE(fault);
    const auto prepared = (*fault)->prepare();
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().code, ErrorCode::not_found);
    EXPECT_THAT(prepared.error().message, HasSubstr("kv[0]"));
}

TEST(ProcessCrash, NeverHitsTheProcessThatARestartPutInItsVictimsPlace) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(crash(SIGKILL), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    victim.kill_and_wait();
    ASSERT_TRUE(victim.start());
    EXPECT_FALSE((*fault)->apply());
    EXPECT_FALSE(victim.ended());
}

}  // namespace
}  // namespace faultline
