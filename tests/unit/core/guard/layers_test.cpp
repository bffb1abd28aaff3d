// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/layers.hpp"

#include <future>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/core/guard/compose.hpp"
#include "tests/unit/core/guard/virtual_clock.hpp"

namespace ftcore::guard {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using namespace std::chrono_literals;

using Reply = CallResult<std::string>;

Reply fails(Retry retry) {
    return call_failed(ErrorCode::no_primary, retry, "nobody leads");
}

RetrySettings three_attempts() {
    return {.attempts_max = 3, .backoff = {.base = 10ms, .cap = 10ms}};
}

TEST(Compose, CallsThroughEveryLayer) {
    VirtualClock clock;
    auto guarded = compose(DeadlineLayer(clock, 1s),
                           RetryLayer(clock, three_attempts(), Random(1)),
                           BreakerLayer(clock, {}),
                           BulkheadLayer(clock, {}));
    const Instant begin = clock.now();
    const Reply reply = guarded([&](const CallContext& context) {
        EXPECT_EQ(context.deadline, Deadline::at(begin + 1s));
        return Reply("done");
    });
    ASSERT_TRUE(reply);
    EXPECT_EQ(*reply, "done");
}

TEST(Compose, TakesAnyCallableForALayer) {
    auto guarded = compose([](CallContext context, auto&& next) {
        context.attempt = 42;
        return next(context);
    });
    const auto answer =
        guarded([](const CallContext& context) { return CallResult<int>(context.attempt); });
    EXPECT_EQ(*answer, 42);
}

TEST(DeadlineLayer, DoesNotStartWhatNobodyWaitsFor) {
    VirtualClock clock;
    auto guarded = compose(DeadlineLayer(clock, 1s));
    int calls = 0;
    const Reply reply =
        guarded(CallContext{.deadline = Deadline::at(clock.now())}, [&](const CallContext&) {
            ++calls;
            return Reply("done");
        });
    EXPECT_EQ(calls, 0);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().refused_by, "deadline");
}

TEST(RetryLayer, TriesUntilItWorks) {
    VirtualClock clock;
    auto guarded = compose(RetryLayer(clock, three_attempts(), Random(1)));
    const Reply reply = guarded([](const CallContext& context) {
        return context.attempt < 3 ? fails(Retry::later) : Reply("at last");
    });
    EXPECT_EQ(*reply, "at last");
    EXPECT_THAT(clock.waits, ElementsAre(10ms, 10ms));
}

TEST(RetryLayer, HandsOnTheLastError) {
    VirtualClock clock;
    auto guarded =
        compose(DeadlineLayer(clock, 15ms), RetryLayer(clock, three_attempts(), Random(1)));
    const Reply reply = guarded([](const CallContext&) { return fails(Retry::later); });
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().message, "nobody leads");
    EXPECT_THAT(clock.waits, SizeIs(1)) << "the second pause would end behind the deadline";
}

TEST(RetryLayer, SharesItsBudgetAmongAllCalls) {
    VirtualClock clock;
    RetrySettings settings = three_attempts();
    settings.budget = {.per_call = 0, .per_second = 0, .tokens_max = 5};
    auto guarded = compose(RetryLayer(clock, settings, Random(1)));
    int attempts = 0;
    for (int call = 0; call < 10; ++call) {
        EXPECT_FALSE(guarded([&](const CallContext&) {
            ++attempts;
            return fails(Retry::later);
        }));
    }
    EXPECT_EQ(attempts, 15);
}

TEST(BreakerLayer, StopsCallingWhatFails) {
    VirtualClock clock;
    auto guarded = compose(BreakerLayer(clock, {.calls_min = 2, .open_for = 1s}));
    int calls = 0;
    const auto failing = [&](const CallContext&) {
        ++calls;
        return fails(Retry::later);
    };
    EXPECT_FALSE(guarded(failing));
    EXPECT_FALSE(guarded(failing));
    const Reply refused = guarded(failing);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(refused.error().refused_by, "breaker");
    EXPECT_EQ(refused.error().message,
              "not called: too many recent calls failed; the next probe is let through in 1.00 s");
    clock.advance(1s);
    EXPECT_TRUE(guarded([](const CallContext&) { return Reply("back"); }));
    EXPECT_TRUE(guarded([](const CallContext&) { return Reply("back"); }));
}

TEST(BreakerLayer, DoesNotCountTheCallersOwnMistakes) {
    VirtualClock clock;
    BreakerLayer breaker(clock, {.calls_min = 2});
    auto guarded = compose(breaker);
    for (int call = 0; call < 10; ++call) {
        EXPECT_FALSE(guarded([](const CallContext&) {
            return Reply(call_failed(ErrorCode::bad_request, Retry::never, "no such command"));
        }));
    }
    EXPECT_EQ(breaker.state(), CircuitBreaker::State::closed);
}

TEST(BulkheadLayer, RefusesAtOnceWhenNobodyMayWait) {
    VirtualClock clock;
    BulkheadLayer bulkhead(clock, {.running_max = 1, .waiting_max = 0});
    auto guarded = compose(bulkhead);
    const Reply outer = guarded([&](const CallContext&) {
        const Reply inner = guarded([](const CallContext&) { return Reply("inner"); });
        EXPECT_FALSE(inner);
        EXPECT_EQ(inner.error().refused_by, "bulkhead");
        return Reply("outer");
    });
    EXPECT_EQ(*outer, "outer");
    EXPECT_EQ(bulkhead.running(), 0U);
}

TEST(BulkheadLayer, LetsWaitingThreadsInOneByOne) {
    SystemClock clock;
    BulkheadLayer bulkhead(clock, {.running_max = 1, .waiting_max = 1, .wait_max = 1min});
    auto guarded = compose(bulkhead);
    std::promise<void> first_runs;
    std::promise<void> first_may_end;
    std::thread first([&] {
        EXPECT_TRUE(guarded([&](const CallContext&) {
            first_runs.set_value();
            first_may_end.get_future().wait();
            return Reply("first");
        }));
    });
    first_runs.get_future().wait();
    std::thread second(
        [&] { EXPECT_TRUE(guarded([](const CallContext&) { return Reply("second"); })); });
    while (bulkhead.waiting() == 0)
        std::this_thread::yield();
    EXPECT_FALSE(guarded([](const CallContext&) { return Reply("one too many"); }));
    first_may_end.set_value();
    first.join();
    second.join();
    EXPECT_EQ(bulkhead.running(), 0U);
}

TEST(BulkheadLayer, GivesUpAtTheCallersDeadline) {
    SystemClock clock;
    auto guarded =
        compose(BulkheadLayer(clock, {.running_max = 1, .waiting_max = 1, .wait_max = 1min}));
    EXPECT_TRUE(guarded([&](const CallContext&) {
        const Reply inner = guarded(CallContext{.deadline = Deadline::after(clock.now(), 1ms)},
                                    [](const CallContext&) { return Reply("inner"); });
        EXPECT_FALSE(inner);
        return Reply("outer");
    }));
}

TEST(FallbackLayer, AnswersWhenEverythingFailed) {
    VirtualClock clock;
    auto guarded = compose(FallbackLayer([](const CallError& error) {
                               return Reply("cached, because " + error.message);
                           }),
                           RetryLayer(clock, three_attempts(), Random(1)));
    EXPECT_EQ(*guarded([](const CallContext&) { return fails(Retry::later); }),
              "cached, because nobody leads");
    EXPECT_EQ(*guarded([](const CallContext&) { return Reply("fresh"); }), "fresh");
}

}  // namespace
}  // namespace ftcore::guard
