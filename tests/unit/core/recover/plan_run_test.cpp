// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/plan_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Run : public ::testing::Test {
  protected:
    PlanRun::State turn(PlanRun& run) {
        run.turn(now_, {.self = 2, .lost = 1, .over = over_, .node = node_}, outbox_);
        for (Action& action : outbox_.take_actions())
            actions_.push_back(std::move(action));
        return run.state();
    }
    bool done(PlanRun& run, std::uint64_t id, bool ok) {
        return run.action_done(now_, {.id = id, .ok = ok, .detail = ok ? "" : "EIO"}, outbox_);
    }

    Instant now_{seconds(100)};
    bool over_ = false;
    NodeView node_{};
    Outbox outbox_{{}};
    std::vector<Action> actions_;
};

TEST_F(Run, ActsThenWaitsForTheAnswerThenForTheCondition) {
    node_.storage_ok = true;  // true already, and worth nothing before it was acted
    PlanRun run({.steps = {{.name = "rotate",
                            .action = action::RotateLog{},
                            .until = Condition::storage_ok,
                            .within = seconds(1)}}},
                "kv[0]");
    EXPECT_EQ(turn(run), PlanRun::State::running);
    ASSERT_THAT(actions_, SizeIs(1));
    EXPECT_FALSE(done(run, 99, true));
    EXPECT_TRUE(done(run, actions_[0].id, true));
    node_.storage_ok = false;
    EXPECT_EQ(turn(run), PlanRun::State::running);
    EXPECT_TRUE(run.watches_view());
    node_.storage_ok = true;
    EXPECT_EQ(turn(run), PlanRun::State::done);
    EXPECT_EQ(run.actions(), 1);
    EXPECT_EQ(run.deadline(), Instant::max());
}

TEST_F(Run, RunsIndependentStepsAtOnceAndOthersAfterThem) {
    PlanRun run({.steps = {{.name = "a", .action = action::RotateLog{}},
                           {.name = "b", .action = action::HandOverLead{}, .priority = 1},
                           {.name = "c", .action = action::Resynchronise{}, .after = {0, 1}}}},
                "kv[0]");
    turn(run);
    ASSERT_THAT(actions_, SizeIs(2));
    EXPECT_TRUE(std::holds_alternative<action::HandOverLead>(actions_[0].what));
    done(run, actions_[0].id, true);
    turn(run);
    EXPECT_THAT(actions_, SizeIs(2));
    done(run, actions_[1].id, true);
    turn(run);
    ASSERT_THAT(actions_, SizeIs(3));
    done(run, actions_[2].id, true);
    EXPECT_EQ(turn(run), PlanRun::State::done);
}

TEST_F(Run, TriesAgainAfterGrowingPauses) {
    PlanRun run({.steps = {{.name = "rotate",
                            .action = action::RotateLog{},
                            .attempts = 3,
                            .pause = milliseconds(100)}}},
                "kv[0]");
    turn(run);
    done(run, actions_.back().id, false);
    EXPECT_EQ(run.deadline(), now_ + milliseconds(100));
    now_ += milliseconds(99);
    turn(run);
    EXPECT_THAT(actions_, SizeIs(1));
    now_ += milliseconds(1);
    turn(run);
    EXPECT_THAT(actions_, SizeIs(2));
    done(run, actions_.back().id, false);
    EXPECT_EQ(run.deadline(), now_ + milliseconds(200));
    now_ += milliseconds(200);
    turn(run);
    ASSERT_THAT(actions_, SizeIs(3));
    done(run, actions_.back().id, false);
    EXPECT_EQ(run.state(), PlanRun::State::failed);
    EXPECT_EQ(run.failure(), "rotate: EIO");
}

TEST_F(Run, FailsWhenAStepIsLate) {
    PlanRun run(
        {.steps = {{.name = "lead", .until = Condition::leader_known, .within = seconds(1)}}},
        "kv[0]");
    turn(run);
    EXPECT_EQ(run.deadline(), now_ + seconds(1));
    now_ += seconds(1);
    EXPECT_EQ(turn(run), PlanRun::State::failed);
    EXPECT_THAT(run.failure(), HasSubstr("leader_known did not come true within 1.00 s"));
}

TEST_F(Run, FailsWhenAnAnswerNeverComes) {
    PlanRun run({.steps = {{.name = "a", .action = action::RotateLog{}, .within = seconds(1)}}},
                "kv[0]");
    turn(run);
    now_ += seconds(2);
    EXPECT_EQ(turn(run), PlanRun::State::failed);
    EXPECT_THAT(run.failure(), HasSubstr("its answer"));
}

TEST_F(Run, UndoesOnceWhatItLeavesBehind) {
    PlanRun run({.steps = {{.name = "a", .action = action::RotateLog{}}},
                 .undo = {action::RefuseWrites{.on = false, .code = ErrorCode::storage_full}}},
                "kv[0]");
    turn(run);
    run.abandon(outbox_);
    run.abandon(outbox_);
    EXPECT_THAT(outbox_.take_actions(), SizeIs(1));
    EXPECT_EQ(run.state(), PlanRun::State::failed);
}

TEST_F(Run, TellsWhatItBegins) {
    PlanRun run({.steps = {{.name = "rotate_log", .action = action::RotateLog{}}}}, "kv[0]");
    turn(run);
    const auto events = outbox_.take_events();
    ASSERT_THAT(events, SizeIs(1));
    EXPECT_EQ(events[0].name, "repair");
    EXPECT_EQ(events[0].fields[1].second, "rotate_log");
    EXPECT_EQ(events[0].fields[2].second, "begin");
}

}  // namespace
}  // namespace ftcore::testing
