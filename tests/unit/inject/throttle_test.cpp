// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/child_victim.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

FaultSpec throttle(double share) {
    return fault_spec("process.throttle", {{"share", share}});
}

/// A folder with the file that a cgroup with the cpu controller has.
class StandInCgroup {
  public:
    StandInCgroup()
        : path_(testing::TempDir() + "faultline-throttle-" + std::to_string(::getpid())) {
        std::filesystem::create_directories(path_);
        std::ofstream(path_ / "cpu.max") << "max 100000\n";
    }
    StandInCgroup(const StandInCgroup&) = delete;
    StandInCgroup& operator=(const StandInCgroup&) = delete;
    ~StandInCgroup() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::string limit() const { return read_file(path_ / "cpu.max").value_or(""); }

  private:
    std::filesystem::path path_;
};

void expect_throttled(ChildVictim& victim, const std::string& mechanism) {
    auto fault = make_test_fault(throttle(0.25), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    EXPECT_THAT((*fault)->mechanism(), HasSubstr(mechanism));
    EXPECT_EQ((*fault)->undo().size(), 1U);
    ASSERT_TRUE((*fault)->apply());
    const Proof proof = prove_until_confirmed(**fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_THAT(proof.evidence, HasSubstr("under a throttle to 25.0 %"));
    ASSERT_TRUE((*fault)->clear());
    ASSERT_TRUE((*fault)->clear()) << "clearing twice";
    EXPECT_EQ(thread_states(victim.pid()).find('T'), std::string::npos);
    EXPECT_TRUE(runs_on(victim.pid()));
}

TEST(ProcessThrottle, RejectsSharesThatLeaveNothingOrEverything) {
    ChildVictim victim("kv[0]", {"idle"});
    EXPECT_FALSE(make_test_fault(throttle(0), {&victim}));
    EXPECT_FALSE(make_test_fault(throttle(1), {&victim}));
}

TEST(ProcessThrottle, HoldsASpinningProcessToItsShareBySignals) {
    ChildVictim victim("kv[0]", {"spin"});
    expect_throttled(victim, "75.0 % of every 10ms frozen, by SIGSTOP (fallback)");
}

TEST(ProcessThrottle, HoldsASpinningProcessToItsShareByItsCgroup) {
    const TestCgroup cgroup;
    if (!cgroup.path()) GTEST_SKIP() << "no cgroup v2 that this user may make folders in";
    if (std::filesystem::exists(*cgroup.path() / "cpu.max"))
        GTEST_SKIP() << "this cgroup has cpu.max itself";
    ChildVictim victim("kv[0]", {"spin"}, cgroup.path());
    expect_throttled(victim, "cgroup freeze");
    EXPECT_FALSE(cgroup.frozen());
}

TEST(ProcessThrottle, SaysWhenAnIdleProcessCannotShowIt) {
    ChildVictim victim("kv[0]", {"idle"});
    auto fault = make_test_fault(throttle(0.5), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    const Proof proof = prove_until_confirmed(**fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_THAT(proof.evidence, HasSubstr("too little to show the throttle by itself"));
    EXPECT_THAT(proof.evidence, HasSubstr("found frozen in"));
}

TEST(ProcessThrottle, PutsTheKernelsLimitInPlaceAndTheOldOneBack) {
    const StandInCgroup cgroup;
    ChildVictim victim("kv[0]", {"idle"}, cgroup.path());
    auto fault = make_test_fault(throttle(0.1), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    const auto undo = (*fault)->undo();
    ASSERT_EQ(undo.size(), 1U);
    EXPECT_EQ(undo[0].kind, Undo::Kind::write_file);
    EXPECT_EQ(undo[0].path, cgroup.path() / "cpu.max");
    EXPECT_EQ(undo[0].content, "max 100000");
    ASSERT_TRUE((*fault)->apply());
    EXPECT_EQ(cgroup.limit(), "10000 100000");
    EXPECT_EQ((*fault)->mechanism(), "cpu.max 10000 100000");
    const Proof proof = prove_until_confirmed(**fault, now());
    EXPECT_EQ(proof.effect, Effect::confirmed) << proof.evidence;
    EXPECT_THAT(proof.evidence, HasSubstr("cpu.max 10000 100000 reads back"));
    ASSERT_TRUE((*fault)->clear());
    // A plain file is not cut at the end of the write as a kernel file is.
    EXPECT_THAT(cgroup.limit(), StartsWith("max 100000"));
}

TEST(ProcessThrottle, IsUnconfirmedWhenTheProcessUsesMoreThanItsShare) {
    const StandInCgroup cgroup;  // nobody enforces what is written there
    ChildVictim victim("kv[0]", {"spin"}, cgroup.path());
    auto fault = make_test_fault(throttle(0.01), {&victim});
    ASSERT_TRUE(fault);
    ASSERT_TRUE((*fault)->prepare());
    ASSERT_TRUE((*fault)->apply());
    Proof proof = (*fault)->prove(now());
    while (proof.evidence == "CPU use is being measured")
        proof = (*fault)->prove(now());
    EXPECT_EQ(proof.effect, Effect::unconfirmed) << proof.evidence;
}

TEST(ProcessThrottle, LeavesNothingFrozenWhenItIsDroppedUncleared) {
    ChildVictim victim("kv[0]", {"spin"});
    {
        auto fault = make_test_fault(throttle(0.05), {&victim});
        ASSERT_TRUE(fault);
        ASSERT_TRUE((*fault)->prepare());
        ASSERT_TRUE((*fault)->apply());
    }
    EXPECT_TRUE(runs_on(victim.pid()));
    EXPECT_EQ(thread_states(victim.pid()).find('T'), std::string::npos);
}

}  // namespace
}  // namespace faultline
