// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

/// Whether the process uses no CPU while we look away for a moment.
bool stands_still(pid_t pid) {
    const Duration before = cpu_time(pid);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return cpu_time(pid) == before;
}

TEST(ProcessHang, StopsEveryThreadBySignalWithoutACgroupAndLetsThemRunOn) {
    ChildVictim victim("kv[0]", {"spin", "4"});
    auto fault = make_test_fault(fault_spec("process.hang", {}), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    EXPECT_EQ((*fault)->prove(now()).effect, Effect::unconfirmed);

    const auto undo = (*fault)->undo();
    ASSERT_EQ(undo.size(), 1U);
    EXPECT_EQ(undo[0].kind, Undo::Kind::continue_process);
    EXPECT_EQ(undo[0].pid, victim.pid());
    EXPECT_EQ(undo[0].start_ticks, victim.start_ticks());

    ASSERT_TRUE((*fault)->apply());
    const Proof proof = prove_until_confirmed(**fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_THAT(proof.evidence, HasSubstr("state T"));
    EXPECT_EQ((*fault)->mechanism(), "SIGSTOP (fallback)");
    // At least its own four: a sanitizer may add one.
    const std::string states = thread_states(victim.pid());
    EXPECT_GE(states.size(), 4U);
    EXPECT_EQ(states.find_first_not_of('T'), std::string::npos) << states;
    EXPECT_TRUE(stands_still(victim.pid()));

    ASSERT_TRUE((*fault)->clear());
    ASSERT_TRUE((*fault)->clear()) << "clearing twice";
    EXPECT_TRUE(runs_on(victim.pid()));
    EXPECT_EQ(thread_states(victim.pid()).find('T'), std::string::npos);
}

TEST(ProcessHang, FreezesTheCgroupAndThawsIt) {
    const TestCgroup cgroup;
    if (!cgroup.path()) GTEST_SKIP() << "no cgroup v2 that this user may make folders in";
    ChildVictim victim("kv[0]", {"spin", "4"}, cgroup.path());
    auto fault = make_test_fault(fault_spec("process.hang", {}), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    const auto undo = (*fault)->undo();
    ASSERT_EQ(undo.size(), 1U);
    EXPECT_EQ(undo[0].kind, Undo::Kind::thaw_cgroup);
    EXPECT_EQ(undo[0].path, *cgroup.path());

    ASSERT_TRUE((*fault)->apply());
    const Instant applied = now();
    const Proof proof = prove_until_confirmed(**fault, applied);
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_THAT(proof.evidence, HasSubstr("frozen 1"));
    EXPECT_EQ((*fault)->mechanism(), "cgroup freeze");
    EXPECT_GE(proof.effective_bound, applied);
    EXPECT_TRUE(stands_still(victim.pid()));

    ASSERT_TRUE((*fault)->clear());
    EXPECT_TRUE(runs_on(victim.pid()));
    EXPECT_FALSE(cgroup.frozen());
}

TEST(ProcessHang, IsUnconfirmedWhenTheProcessHasLeftTheFrozenCgroup) {
    const TestCgroup cgroup;
    if (!cgroup.path()) GTEST_SKIP() << "no cgroup v2 that this user may make folders in";
    ChildVictim victim("kv[0]", {"spin"}, cgroup.path());
    auto fault = make_test_fault(fault_spec("process.hang", {}), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE(
        write_control(cgroup.path()->parent_path() / "cgroup.procs", std::to_string(victim.pid())));
    ASSERT_TRUE((*fault)->apply());
    EXPECT_EQ((*fault)->prove(now()).effect, Effect::unconfirmed);
    EXPECT_TRUE((*fault)->clear());
}

TEST(ProcessHang, NamesBothMechanismsWhenVictimsDiffer) {
    const TestCgroup cgroup;
    if (!cgroup.path()) GTEST_SKIP() << "no cgroup v2 that this user may make folders in";
    ChildVictim inside("kv[0]", {"idle"}, cgroup.path());
    ChildVictim outside("kv[1]", {"idle"});
    auto fault = make_test_fault(fault_spec("process.hang", {}), {&inside, &outside});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    EXPECT_EQ((*fault)->mechanism(), "cgroup freeze; SIGSTOP (fallback) for kv[1]");
}

TEST(ProcessHang, ClearsWhatHasEndedMeanwhile) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(fault_spec("process.hang", {}), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    victim.kill_and_wait();
    EXPECT_TRUE((*fault)->clear());
}

}  // namespace
}  // namespace faultline
