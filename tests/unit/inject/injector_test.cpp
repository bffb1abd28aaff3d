// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/injector.hpp"

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Result<> nothing() {
    return {};
}

TEST(Injector, BracketsTheCallAndNeverFiresEarly) {
    Injector injector;
    std::optional<Instant> called;
    std::promise<Firing> fired;
    const Instant planned = now() + milliseconds(20);
    injector.arm(
        planned,
        [&called]() -> Result<> {
            called = now();
            return {};
        },
        [&fired](Firing firing) { fired.set_value(std::move(firing)); });
    const Firing firing = fired.get_future().get();
    EXPECT_EQ(firing.planned, planned);
    EXPECT_LE(planned, firing.call_begin);
    EXPECT_LE(firing.call_begin, called);
    EXPECT_LE(called, firing.call_end);
    EXPECT_TRUE(firing.result);
}

TEST(Injector, FiresInOrderOfInstantsAndOfArmingWhereTheyAreEqual) {
    Injector injector;
    std::vector<int> order;  // written by the injector's thread alone, read after the last
    std::promise<void> last;
    const Instant base = now() + milliseconds(50);
    const auto note = [&order](int number) {
        return [&order, number]() -> Result<> {
            order.push_back(number);
            return {};
        };
    };
    injector.arm(base + milliseconds(10), note(4), [&last](const Firing&) { last.set_value(); });
    injector.arm(base, note(1), {});
    injector.arm(base, note(2), {});
    injector.arm(base, note(3), {});
    injector.arm(base - milliseconds(20), note(0), {});
    last.get_future().wait();
    EXPECT_THAT(order, testing::ElementsAre(0, 1, 2, 3, 4));
}

TEST(Injector, FiresAnEarlierActionThatIsArmedLater) {
    Injector injector;
    std::atomic<bool> late_fired = false;
    injector.arm(now() + hours(1),
                 [&late_fired]() -> Result<> {
                     late_fired = true;
                     return {};
                 },
                 {});
    std::promise<void> early;
    injector.arm(now(), nothing, [&early](const Firing&) { early.set_value(); });
    EXPECT_EQ(early.get_future().wait_for(seconds(60)), std::future_status::ready);
    EXPECT_FALSE(late_fired);
}

TEST(Injector, FiresAtOnceWhatIsAlreadyDue) {
    Injector injector;
    std::promise<Firing> fired;
    injector.arm(now() - seconds(1), nothing, [&fired](Firing firing) {
        fired.set_value(std::move(firing));
    });
    const Firing firing = fired.get_future().get();
    EXPECT_GT(firing.call_begin - firing.planned, seconds(1));
}

TEST(Injector, HandsOnTheErrorOfAnAction) {
    Injector injector;
    std::promise<Firing> fired;
    injector.arm(
        now(),
        []() -> Result<> { return fail("it did not work"); },
        [&fired](Firing firing) { fired.set_value(std::move(firing)); });
    const Firing firing = fired.get_future().get();
    ASSERT_FALSE(firing.result);
    EXPECT_EQ(firing.result.error().message, "it did not work");
}

TEST(Injector, FiresNothingMoreOnceDestroyed) {
    std::atomic<int> fired = 0;
    const auto count = [&fired]() -> Result<> {
        ++fired;
        return {};
    };
    {
        Injector injector;
        injector.arm(now() + hours(1), count, {});
        injector.arm(now() + milliseconds(200), count, {});
    }
    EXPECT_EQ(fired, 0);
}

TEST(Injector, MayBeArmedFromItsOwnThread) {
    Injector injector;
    std::promise<void> second;
    injector.arm(now(), nothing, [&](const Firing& first) {
        injector.arm(first.call_end, nothing, [&second](const Firing&) { second.set_value(); });
    });
    EXPECT_EQ(second.get_future().wait_for(seconds(60)), std::future_status::ready);
}

TEST(Injector, NamesItsScheduling) {
    const Injector injector;
    EXPECT_THAT(injector.scheduling(), testing::AnyOf("SCHED_FIFO", "nice -20", "SCHED_OTHER"));
}

}  // namespace
}  // namespace faultline
