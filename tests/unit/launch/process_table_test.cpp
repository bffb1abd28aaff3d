// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/process_table.hpp"

#include <csignal>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

TEST(ProcessStatText, CopesWithParenthesesAndSpacesInTheName) {
    const auto stat = parse_process_stat(
        12, "12 (a) b (c) T 3 4 5 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3");
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->name, "a) b (c");
    EXPECT_EQ(stat->state, 'T');
    EXPECT_EQ(stat->parent, 3);
    EXPECT_EQ(stat->group, 4);
    EXPECT_EQ(stat->session, 5);
    EXPECT_EQ(stat->start_ticks, 987654U);
}

TEST(ProcessStatText, IsAbsentWhenCutOff) {
    EXPECT_FALSE(parse_process_stat(12, ""));
    EXPECT_FALSE(parse_process_stat(12, "12 (sh) S 1 2 3 0 -1"));
}

TEST(MemoryPeak, IsReadFromTheStatus) {
    EXPECT_EQ(parse_memory_peak("Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"),
              2048U * 1024);
    EXPECT_FALSE(parse_memory_peak(""));
    EXPECT_FALSE(parse_memory_peak("Name:\tzombie\nState:\tZ (zombie)\n"));
    EXPECT_FALSE(parse_memory_peak("Name:\tx\nVmHWM:"));
    EXPECT_FALSE(parse_memory_peak("Name:\tx\nVmHWM:\t\nVmRSS:\t 1 kB\n"));
}

TEST(MemoryPeak, OfThisProcessIsSomething) {
    const auto peak = memory_peak_of(::getpid());
    ASSERT_TRUE(peak);
    EXPECT_GT(*peak, 100'000U);
}

TEST(ProcessTable, FindsItself) {
    EXPECT_THAT(all_pids(), testing::Contains(::getpid()));
    const auto stat = process_stat(::getpid());
    ASSERT_TRUE(stat);
    EXPECT_EQ(stat->parent, ::getppid());
    EXPECT_EQ(stat->session, ::getsid(0));
}

TEST(EnvironmentText, HoldsWholeSettingsOnly) {
    const std::string environment("PATH=/bin\0MARK=ab\0XMARK=c\0", 26);
    EXPECT_TRUE(environment_holds(environment, "PATH=/bin"));
    EXPECT_TRUE(environment_holds(environment, "MARK=ab"));
    EXPECT_FALSE(environment_holds(environment, "MARK=a"));
    EXPECT_FALSE(environment_holds(environment, "MARK=c"));
    EXPECT_TRUE(environment_holds("MARK=last", "MARK=last"));
}

TEST(SignalSameProcess, SparesAProcessWithAnotherStartTime) {
    const auto self = process_stat(::getpid());
    ASSERT_TRUE(self);
    EXPECT_TRUE(signal_same_process(::getpid(), self->start_ticks, 0));
    EXPECT_FALSE(signal_same_process(::getpid(), self->start_ticks + 1, SIGKILL));
}

}  // namespace
}  // namespace faultline
