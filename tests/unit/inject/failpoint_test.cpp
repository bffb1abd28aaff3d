// SPDX-License-Identifier: Apache-2.0
#include "harness/include/faultline/failpoint.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

int plain() {
    return FL_FAILPOINT("unit.plain");
}
inline int inlined() {
    return FL_FAILPOINT("unit.shared");
}
template <class Type>
int templated(Type) {
    return FL_FAILPOINT("unit.shared");
}
[[maybe_unused]] int never_called() {
    return FL_FAILPOINT("unit.never");
}

/// Points are the process', so each test leaves them as it found them.
class FailpointTest : public ::testing::Test {
  protected:
    ~FailpointTest() override { disarm_all_failpoints(); }

    static void must_arm(std::string_view text) {
        const FailpointResult armed = arm_failpoints(text);
        EXPECT_TRUE(armed) << armed.message();
    }
    static std::vector<int> hits_of_plain(int count) {
        std::vector<int> results;
        for (int hit = 0; hit < count; ++hit)
            results.push_back(plain());
        return results;
    }
};

TEST_F(FailpointTest, IsKnownBeforeItIsReached) {
    const auto points = list_failpoints();
    EXPECT_THAT(points, Contains("unit.never"));
    EXPECT_THAT(points, Contains("unit.shared").Times(1));
    EXPECT_TRUE(std::is_sorted(points.begin(), points.end()));
}

TEST_F(FailpointTest, IsZeroAndCountsNothingUnlessArmed) {
    EXPECT_EQ(plain(), 0);
    must_arm("unit.never=error(EIO)");
    EXPECT_EQ(plain(), 0);
    EXPECT_FALSE(failpoint_status("unit.plain").armed);
    EXPECT_EQ(failpoint_status("unit.plain").hits, 0U);
}

TEST_F(FailpointTest, HasTheErrorOfItsOrderUntilDisarmed) {
    errno = ENOENT;
    must_arm("unit.plain=error(EIO)");
    EXPECT_THAT(hits_of_plain(2), ElementsAre(EIO, EIO));
    EXPECT_EQ(errno, ENOENT);
    disarm_failpoint("unit.plain");
    EXPECT_EQ(plain(), 0);
}

TEST_F(FailpointTest, IsOnePointAtAllPlacesWithItsName) {
    must_arm("unit.shared=error(7)");
    EXPECT_EQ(inlined(), 7);
    EXPECT_EQ(templated(1), 7);
    EXPECT_EQ(templated("text"), 7);
    EXPECT_EQ(failpoint_status("unit.shared").triggered, 3U);
}

TEST_F(FailpointTest, LetsHitsThroughAndStopsAfterItsCount) {
    must_arm("unit.plain=error(5):after=2:first=2");
    EXPECT_THAT(hits_of_plain(6), ElementsAre(0, 0, 5, 5, 0, 0));
    const FailpointStatus status = failpoint_status("unit.plain");
    EXPECT_FALSE(status.armed) << "used up, it costs nothing any more";
    EXPECT_EQ(status.hits, 4U);
    EXPECT_EQ(status.triggered, 2U);
}

TEST_F(FailpointTest, TriggersAtEveryFewHits) {
    must_arm("unit.plain=error(5):after=1:every=3");
    EXPECT_THAT(hits_of_plain(8), ElementsAre(0, 0, 0, 5, 0, 0, 5, 0));
}

TEST_F(FailpointTest, DrawsFromItsSeedAlone) {
    must_arm("unit.plain=error(5):probability=0.3:seed=7");
    const auto first = hits_of_plain(1000);
    must_arm("unit.plain=error(5):probability=30%:seed=7");
    EXPECT_EQ(hits_of_plain(1000), first);
    must_arm("unit.plain=error(5):probability=0.3:seed=8");
    EXPECT_NE(hits_of_plain(1000), first);
    const auto count = std::count(first.begin(), first.end(), 5);
    EXPECT_GT(count, 230);  // 300 ± 5 standard deviations
    EXPECT_LT(count, 370);
}

TEST_F(FailpointTest, NeverAndAlwaysAreExact) {
    must_arm("unit.plain=error(5):probability=0");
    EXPECT_THAT(hits_of_plain(100), ::testing::Each(0));
    EXPECT_EQ(failpoint_status("unit.plain").hits, 100U);
    must_arm("unit.plain=error(5):probability=1");
    EXPECT_THAT(hits_of_plain(100), ::testing::Each(5));
}

TEST_F(FailpointTest, HoldsTheCallerUp) {
    must_arm("unit.plain=delay(2ms):first=1");
    const std::int64_t begin = embed::failpoint_clock_ns();
    EXPECT_EQ(plain(), 0);
    const std::int64_t end = embed::failpoint_clock_ns();
    EXPECT_GE(end - begin, 2'000'000);
    const std::int64_t stamp = failpoint_status("unit.plain").first_trigger_ns;
    EXPECT_GE(stamp, begin);
    EXPECT_LE(stamp + 2'000'000, end) << "the stamp comes before the delay";
}

TEST_F(FailpointTest, DelaysWithinItsJitter) {
    must_arm("unit.plain=delay(300us):jitter=200us");
    for (int hit = 0; hit < 20; ++hit) {
        const std::int64_t begin = embed::failpoint_clock_ns();
        plain();
        EXPECT_GE(embed::failpoint_clock_ns() - begin, 100'000);
    }
}

TEST_F(FailpointTest, ThrowsItsText) {
    must_arm("unit.plain=throw(disk on fire; all of it):first=1");
    EXPECT_THROW(
        {
            try {
                plain();
            } catch (const std::runtime_error& error) {
                EXPECT_STREQ(error.what(), "disk on fire; all of it");
                throw;
            }
        },
        std::runtime_error);
    EXPECT_EQ(plain(), 0);
}

TEST_F(FailpointTest, CallsAFunctionOfTheProcess) {
    int calls = 0;
    const auto armed = arm_failpoint("unit.plain", [&calls] { return ++calls == 2 ? EAGAIN : 0; });
    ASSERT_TRUE(armed) << armed.message();
    EXPECT_THAT(hits_of_plain(3), ElementsAre(0, EAGAIN, 0));
}

TEST_F(FailpointTest, RunsAStatementWhenItTriggers) {
    int ran = 0;
    const auto come_by = [&ran] { FL_FAILPOINT_DO("unit.statement", ++ran); };
    come_by();
    EXPECT_EQ(ran, 0);
    must_arm("unit.statement=error(1):first=1");
    come_by();
    come_by();
    EXPECT_EQ(ran, 1);
}

TEST_F(FailpointTest, CountsExactlyOnManyThreads) {
    must_arm("unit.plain=error(5):first=1000");
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&failed] {
            for (int hit = 0; hit < 1000; ++hit) {
                if (plain() != 0) ++failed;
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(failed, 1000);
    EXPECT_EQ(failpoint_status("unit.plain").triggered, 1000U);
}

TEST_F(FailpointTest, ThreadLeftOverFromAnEarlierOrderCountsForNone) {
    FailpointSlot slot;
    FailpointAction action;
    action.effect = FailpointEffect::error;
    const std::uint32_t earlier = arm(slot, action);
    const std::uint32_t later = arm(slot, action);
    std::uint64_t before = 0;
    EXPECT_FALSE(embed::Tally::add(slot.triggered, earlier, 0, before));
    EXPECT_TRUE(embed::Tally::add(slot.triggered, later, 0, before));
    EXPECT_EQ(embed::Tally::count(slot.triggered), 1U);
    disarm(slot, earlier);
    EXPECT_NE(slot.armed.load(), 0U) << "it is not the earlier order's to end";
    disarm(slot, later);
    EXPECT_EQ(slot.armed.load(), 0U);
}

TEST_F(FailpointTest, UnknownNameIsAnErrorThatNamesTheNearest) {
    FailpointAction action;
    const auto armed = arm_failpoint("unit.plian", action);
    ASSERT_FALSE(armed);
    EXPECT_THAT(armed.message(), HasSubstr("did you mean \"unit.plain\"?"));
}

using FailpointDeathTest = FailpointTest;

TEST_F(FailpointDeathTest, CrashIsASignalToItself) {
    EXPECT_EXIT(
        {
            must_arm("unit.plain=crash:after=1");
            static_cast<void>(hits_of_plain(2));
        },
        ::testing::KilledBySignal(SIGKILL),
        "");
    EXPECT_EXIT(
        {
            must_arm("unit.plain=crash(abort)");
            plain();
        },
        ::testing::KilledBySignal(SIGABRT),
        "");
}

TEST_F(FailpointDeathTest, MistakeInTheEnvironmentEndsTheProgramWithCode2) {
    EXPECT_EXIT(
        {
            ::setenv("FAULTLINE_FAILPOINTS", "unit.plain=eror(EIO)", 1);
            arm_failpoints_from_environment();
        },
        ::testing::ExitedWithCode(2),
        "FAULTLINE_FAILPOINTS: character 12: \"eror\" is not an action; did you mean \"error\"");
    EXPECT_EXIT(
        {
            ::setenv("FAULTLINE_FAILPOINT_CONTROL", "/no/such/file", 1);
            arm_failpoints_from_environment();
        },
        ::testing::ExitedWithCode(2),
        "FAULTLINE_FAILPOINT_CONTROL: opening .*/no/such/file: No such file");
    EXPECT_EXIT(
        {
            ::setenv("FAULTLINE_FAILPOINT_CONTROL", "/proc/self/exe", 1);
            arm_failpoints_from_environment();
        },
        ::testing::ExitedWithCode(2),
        "FAULTLINE_FAILPOINT_CONTROL: ");
}

TEST_F(FailpointTest, EnvironmentArmsAndItsAbsenceDoesNothing) {
    ::unsetenv("FAULTLINE_FAILPOINT_CONTROL");
    ::unsetenv("FAULTLINE_FAILPOINTS");
    EXPECT_TRUE(try_arm_failpoints_from_environment());
    EXPECT_EQ(plain(), 0);
    ::setenv("FAULTLINE_FAILPOINTS", "unit.plain=error(ENOSPC)", 1);
    EXPECT_TRUE(try_arm_failpoints_from_environment());
    ::unsetenv("FAULTLINE_FAILPOINTS");
    EXPECT_EQ(plain(), ENOSPC);
}

}  // namespace
}  // namespace faultline
