// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/flapping.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration patience = seconds(60);

TEST(FlapPlan, IsOnForTheFirstHalfOfEachPeriod) {
    const FlapPlan plan{Instant(hours(5)), milliseconds(200)};
    const auto on = [&](int ms) { return plan.on(plan.start + milliseconds(ms)); };
    EXPECT_TRUE(on(0));
    EXPECT_TRUE(on(99));
    EXPECT_FALSE(on(100));
    EXPECT_FALSE(on(199));
    EXPECT_TRUE(on(200));
    EXPECT_FALSE(on(200'000'100));
}

TEST(FlapPlan, NamesTheNextChangeWithoutDrift) {
    const FlapPlan plan{Instant(hours(5)), Duration(7)};  // an odd number of nanoseconds
    Instant at = plan.start;
    bool on = true;
    for (int change = 0; change < 2000; ++change) {
        EXPECT_EQ(plan.on(at), on);
        const Instant next = plan.next_change(at);
        EXPECT_EQ(plan.on(next - Duration(1)), on);
        EXPECT_EQ(plan.on(next), !on);
        at = next;
        on = !on;
    }
    EXPECT_EQ(at - plan.start, Duration(7 * 1000));
}

/// What a flapping thread called, for tests that wait for it.
class Calls {
  public:
    Result<> add(bool on) {
        const std::scoped_lock lock(mutex_);
        calls_.push_back(on);
        changed_.notify_all();
        if (fails_) return fail("it did not work");
        return {};
    }
    bool wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return calls_.size() >= count; });
    }
    std::vector<bool> all() {
        const std::scoped_lock lock(mutex_);
        return calls_;
    }
    void let_fail() {
        const std::scoped_lock lock(mutex_);
        fails_ = true;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<bool> calls_;
    bool fails_ = false;
};

TEST(Flapping, AlternatesUntilItIsStopped) {
    Calls calls;
    Flapping flapping([&](bool on) { return calls.add(on); });
    flapping.begin({now(), milliseconds(4)});
    ASSERT_TRUE(calls.wait_for(9));
    EXPECT_TRUE(flapping.stop());
    const auto seen = calls.all();
    for (std::size_t index = 0; index < seen.size(); ++index)
        EXPECT_EQ(seen[index], index % 2 == 1) << index;
    EXPECT_TRUE(flapping.stop());
    EXPECT_EQ(calls.all().size(), seen.size());
}

TEST(Flapping, SkipsTheChangesItMissed) {
    Calls calls;
    Flapping flapping([&](bool on) { return calls.add(on); });
    // An hour and a quarter of a period ago: it is on now, as its caller made it.
    flapping.begin({now() - hours(1), hours(4)});
    EXPECT_TRUE(flapping.stop());
    EXPECT_THAT(calls.all(), ::testing::IsEmpty());
    // In the second half of a period: one call, however many periods there were.
    Calls late;
    Flapping behind([&](bool on) { return late.add(on); });
    behind.begin({now() - hours(1000) - hours(3), hours(4)});
    ASSERT_TRUE(late.wait_for(1));
    EXPECT_TRUE(behind.stop());
    EXPECT_THAT(late.all(), ::testing::ElementsAre(false));
}

TEST(Flapping, StopsWithoutHavingBegun) {
    Calls calls;
    Flapping flapping([&](bool on) { return calls.add(on); });
    EXPECT_TRUE(flapping.stop());
    EXPECT_THAT(calls.all(), ::testing::IsEmpty());
}

TEST(Flapping, AnswersTheFirstErrorAndGoesOn) {
    Calls calls;
    calls.let_fail();
    Flapping flapping([&](bool on) { return calls.add(on); });
    flapping.begin({now(), milliseconds(4)});
    ASSERT_TRUE(calls.wait_for(3));
    const auto stopped = flapping.stop();
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().message, "it did not work");
}

}  // namespace
}  // namespace faultline::link
