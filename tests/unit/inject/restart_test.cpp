// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

FaultSpec restart(bool kill, std::int64_t attempts, Duration retry = milliseconds(1)) {
    return fault_spec("process.restart",
                      {{"kill", kill}, {"attempts", attempts}, {"retry", retry}});
}

TEST(ProcessRestart, RejectsNoAttempts) {
    ChildVictim victim("kv[0]", {"idle"});
    EXPECT_FALSE(make_test_fault(restart(true, 0), {&victim}));
}

TEST(ProcessRestart, StartsAProcessThatHasEnded) {
    ChildVictim victim("kv[0]", {"idle"});
    victim.kill_and_wait();
    auto fault = make_test_fault(restart(false, 1), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    EXPECT_EQ((*fault)->prove(now()).effect, Effect::unconfirmed);
    ASSERT_TRUE((*fault)->apply());
    const Proof proof = prove_until_confirmed(**fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_EQ(proof.observed, victim.ready_since());
    EXPECT_THAT(proof.evidence, HasSubstr("serves as pid " + std::to_string(victim.pid())));
    EXPECT_EQ(victim.starts(), 2);
}

TEST(ProcessRestart, KillsAProcessThatStillRuns) {
    ChildVictim victim("kv[0]", {"stubborn"});
    const pid_t before = victim.pid();
    auto fault = make_test_fault(restart(true, 1), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    const auto applied = (*fault)->apply();
    ASSERT_TRUE(applied) << applied.error().message;
    EXPECT_NE(victim.pid(), before);
    EXPECT_EQ(prove_until_confirmed(**fault, now()).effect, Effect::confirmed);
}

TEST(ProcessRestart, RefusesARunningProcessWhenItMayNotKill) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(restart(false, 1), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    const auto applied = (*fault)->apply();
    ASSERT_FALSE(applied);
    EXPECT_THAT(applied.error().message, HasSubstr("still runs"));
    EXPECT_EQ(victim.starts(), 1);
}

TEST(ProcessRestart, TriesAsOftenAsItWasTold) {
    ChildVictim victim("kv[0]", {"idle"});
    victim.fail_next_starts(3);
    auto short_of_one = make_test_fault(restart(true, 2), {&victim});
    ASSERT_TRUE(short_of_one);
    ASSERT_TRUE((*short_of_one)->prepare());
    const auto applied = (*short_of_one)->apply();
    ASSERT_FALSE(applied);
    EXPECT_THAT(applied.error().message, HasSubstr("2 attempts"));
    EXPECT_EQ((*short_of_one)->prove(now()).effect, Effect::unconfirmed);
    EXPECT_EQ(victim.failed_starts(), 2);

    auto enough = make_test_fault(restart(true, 2), {&victim});
    ASSERT_TRUE(enough);
    ASSERT_TRUE((*enough)->prepare());
    EXPECT_TRUE((*enough)->apply());
    EXPECT_EQ(victim.failed_starts(), 3);
    EXPECT_EQ(prove_until_confirmed(**enough, now()).effect, Effect::confirmed);
}

TEST(ProcessRestart, ThawsTheCgroupItStartsInto) {
    const TestCgroup cgroup;
    if (!cgroup.path()) GTEST_SKIP() << "no cgroup v2 that this user may make folders in";
    ChildVictim victim("kv[0]", {"spin"}, cgroup.path());
    ASSERT_TRUE(write_control(*cgroup.path() / "cgroup.freeze", "1"));
    auto fault = make_test_fault(restart(true, 1), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    EXPECT_TRUE(runs_on(victim.pid()));
}

}  // namespace
}  // namespace faultline
