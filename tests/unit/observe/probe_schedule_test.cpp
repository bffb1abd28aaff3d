// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <gtest/gtest.h>

#include "harness/observe/probe.hpp"

namespace faultline {
namespace {

using std::chrono::milliseconds;

constexpr Duration patience = std::chrono::seconds(60);

/// Answers when it is told to, or at once.
class HandProbe final : public Probe {
  public:
    struct Log {
        std::vector<Instant> asked;
        std::function<void(ProbeAnswer)> open;
        bool answers_at_once = true;
        bool overlapped = false;
    };
    HandProbe(Loop& loop, Log& log) : loop_(loop), log_(log) {}
    void ask(std::function<void(ProbeAnswer)> answer) override {
        log_.asked.push_back(now());
        log_.overlapped = log_.overlapped || log_.open;
        log_.open = std::move(answer);
        if (log_.answers_at_once) loop_.post([this] { give({.ok = true, .value = "up"}); });
    }
    void give(ProbeAnswer answer) { std::exchange(log_.open, nullptr)(std::move(answer)); }

  private:
    Loop& loop_;
    Log& log_;
};

struct ProbeScheduleTest : testing::Test {
    Loop loop;
    HandProbe::Log log;
    std::vector<ProbeAnswer> answers;

    ProbeSchedule schedule(Duration period) {
        return {loop,
                period,
                std::make_unique<HandProbe>(loop, log),
                [this](const ProbeAnswer& answer) { answers.push_back(answer); }};
    }
};

TEST_F(ProbeScheduleTest, AsksEveryPeriodWithoutDrift) {
    const Instant start = now();
    const auto asking = schedule(milliseconds(10));
    ASSERT_TRUE(loop.wait_until(now() + patience, [this] { return answers.size() == 8; }));
    EXPECT_FALSE(log.overlapped);
    EXPECT_EQ(asking.last()->value, "up");
    for (std::size_t index = 0; index < log.asked.size(); ++index) {
        EXPECT_GE(log.asked[index], start + milliseconds(10) * index);
    }
}

TEST_F(ProbeScheduleTest, SkipsTurnsWhileAQuestionIsOpen) {
    log.answers_at_once = false;
    auto asking = schedule(milliseconds(1));
    ASSERT_TRUE(loop.wait_until(now() + patience, [this] { return log.asked.size() == 1; }));
    loop.run_until(now() + milliseconds(20));
    asking.ask_now();
    EXPECT_EQ(log.asked.size(), 1U);
    EXPECT_FALSE(asking.last());
    std::exchange(log.open, nullptr)({.ok = true, .value = "late"});
    EXPECT_EQ(asking.last()->value, "late");
    ASSERT_TRUE(loop.wait_until(now() + patience, [this] { return log.asked.size() == 2; }));
    EXPECT_FALSE(log.overlapped);
}

TEST_F(ProbeScheduleTest, AsksOutOfTurnWhenToldTo) {
    auto asking = schedule(std::chrono::hours(1));
    ASSERT_TRUE(loop.wait_until(now() + patience, [this] { return answers.size() == 1; }));
    asking.ask_now();
    ASSERT_TRUE(loop.wait_until(now() + patience, [this] { return answers.size() == 2; }));
}

TEST_F(ProbeScheduleTest, StopsWhenDestroyedAlsoByItsOwnCallback) {
    std::unique_ptr<ProbeSchedule> asking;
    int count = 0;
    asking = std::make_unique<ProbeSchedule>(
        loop, milliseconds(1), std::make_unique<HandProbe>(loop, log), [&](const ProbeAnswer&) {
            ++count;
            asking.reset();
        });
    loop.run_until(now() + milliseconds(20));
    EXPECT_EQ(count, 1);
    EXPECT_EQ(log.asked.size(), 1U);
}

TEST_F(ProbeScheduleTest, KeepsAskingWhenMoved) {
    auto first = schedule(milliseconds(1));
    const ProbeSchedule second = std::move(first);
    EXPECT_TRUE(loop.wait_until(now() + patience, [this] { return answers.size() >= 2; }));
}

}  // namespace
}  // namespace faultline
