// SPDX-License-Identifier: Apache-2.0
#include "harness/base/loop.hpp"

#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace faultline {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds patience{30};

TEST(Loop, CallsTimersInTheirOrderAndNotEarly) {
    Loop loop;
    const Instant start = now();
    std::string order;
    Instant second_at{};
    const Timer second = loop.call_at(start + 20ms, [&] {
        order += "2";
        second_at = now();
    });
    const Timer first = loop.call_at(start + 10ms, [&] { order += "1"; });
    EXPECT_TRUE(loop.wait_until(start + patience, [&] { return order.size() == 2; }));
    EXPECT_EQ(order, "12");
    EXPECT_GE(second_at, start + 20ms);
}

TEST(Loop, EndsAWaitAtItsDeadline) {
    Loop loop;
    const Instant deadline = now() + 20ms;
    EXPECT_FALSE(loop.wait_until(deadline, [] { return false; }));
    EXPECT_GE(now(), deadline);
}

TEST(Loop, DoesNotWaitForWhatHoldsAlready) {
    Loop loop;
    EXPECT_TRUE(loop.wait_until(now() - 1s, [] { return true; }));
}

TEST(Loop, RunsWhatOtherThreadsPost) {
    Loop loop;
    std::optional<std::thread::id> ran_on;
    std::thread other([&] { loop.post([&] { ran_on = std::this_thread::get_id(); }); });
    EXPECT_TRUE(loop.wait_until(now() + patience, [&] { return ran_on.has_value(); }));
    other.join();
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(Loop, IsInterruptedFromAnotherThreadUntilResumed) {
    Loop loop;
    std::thread other([&] { loop.interrupt(); });
    const Instant deadline = now() + patience;
    loop.run_until(deadline);
    EXPECT_LT(now(), deadline);
    other.join();
    EXPECT_TRUE(loop.interrupted());
    EXPECT_FALSE(loop.wait_until(deadline, [] { return false; }));

    loop.resume_after_interrupt();
    EXPECT_FALSE(loop.interrupted());
    bool fired = false;
    const Timer timer = loop.call_at(now(), [&] { fired = true; });
    EXPECT_TRUE(loop.wait_until(deadline, [&] { return fired; }));
}

TEST(Timer, DoesNothingOnceCancelledOrDestroyed) {
    Loop loop;
    int calls = 0;
    Timer cancelled = loop.call_at(now(), [&] { ++calls; });
    {
        const Timer destroyed = loop.call_at(now(), [&] { ++calls; });
    }
    cancelled.cancel();
    bool last = false;
    const Timer timer = loop.call_at(now() + 1ms, [&] { last = true; });
    EXPECT_TRUE(loop.wait_until(now() + patience, [&] { return last; }));
    EXPECT_EQ(calls, 0);
}

TEST(Timer, MayBeDestroyedByAnotherThatIsDueTogether) {
    Loop loop;
    int calls = 0;
    const Instant when = now() + 5ms;
    Timer first;
    Timer second;
    first = loop.call_at(when, [&] {
        ++calls;
        second.cancel();
    });
    second = loop.call_at(when, [&] {
        ++calls;
        first.cancel();
    });
    // Both are expired when the loop looks: only the first of them may still run.
    std::this_thread::sleep_until(when);
    bool last = false;
    const Timer timer = loop.call_at(now() + 1ms, [&] { last = true; });
    EXPECT_TRUE(loop.wait_until(now() + patience, [&] { return last; }));
    EXPECT_EQ(calls, 1);
}

TEST(Timer, FiresFromWhereItWasMoved) {
    Loop loop;
    bool fired = false;
    Timer first = loop.call_at(now() + 1ms, [&] { fired = true; });
    const Timer second = std::move(first);
    EXPECT_TRUE(loop.wait_until(now() + patience, [&] { return fired; }));
}

}  // namespace
}  // namespace faultline
