// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/recovery.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RecoveryTest : public ::testing::Test {
  protected:
    IncidentId open(Cause cause, std::vector<Strategy> ladder) {
        return recovery_.open(now_,
                              {.at = now_, .about = 1, .cause = cause, .evidence = {"seen"}},
                              std::move(ladder));
    }
    void turn() {
        recovery_.turn(now_, {.self = 2, .node = node_, .resources = resources_}, outbox_);
        for (Action& action : outbox_.take_actions())
            actions_.push_back(std::move(action));
        for (PipelineEvent& event : outbox_.take_events())
            events_.push_back(event.name +
                              (event.name == "decided" ? " " + event.fields[2].second : ""));
    }
    void answer(bool ok) {
        for (const Action& action : std::exchange(actions_, {})) {
            recovery_.action_done(now_, {.id = action.id, .ok = ok, .detail = "no"}, outbox_);
        }
        turn();
    }
    void pass(Duration span) {
        now_ += span;
        turn();
    }

    Instant now_{seconds(100)};
    NodeView node_{.leader = 3, .storage_ok = false};
    std::optional<signal::Resources> resources_{};
    Outbox outbox_{{{1, "kv[0]"}}};
    Recovery recovery_{Instant(seconds(90))};
    std::vector<Action> actions_;
    std::vector<std::string> events_;
};

TEST_F(RecoveryTest, RepairsVerifiesSettlesAndCloses) {
    const IncidentId id = open(Cause::storage_failing, {Strategy::rotate_log});
    turn();
    node_.storage_ok = true;
    answer(true);
    EXPECT_THAT(events_, ElementsAre("decided rotate_log", "repair", "repaired", "recovered"));
    EXPECT_FALSE(recovery_.verified(id));
    EXPECT_EQ(recovery_.deadline(), now_ + milliseconds(200));
    pass(milliseconds(200));
    EXPECT_EQ(events_.back(), "verified");
    EXPECT_TRUE(recovery_.verified(id));
    recovery_.over(now_, id);
    EXPECT_FALSE(recovery_.verified(id));
    EXPECT_EQ(recovery_.deadline(), Instant::max());
    EXPECT_FALSE(recovery_.watches_view());
}

TEST_F(RecoveryTest, GoesOnToTheNextStrategyWhenOneFails) {
    open(Cause::storage_failing, {Strategy::hand_over, Strategy::isolate_self});
    node_.role = Role::leader;
    turn();
    answer(false);
    EXPECT_THAT(events_, Contains("decided isolate_self"));
    EXPECT_THAT(events_, Contains("error"));
    answer(true);
    EXPECT_TRUE(recovery_.safe_state().has_value());
}

TEST_F(RecoveryTest, GoesOnWhenWhatWasRepairedDoesNotHold) {
    open(Cause::storage_failing, {Strategy::rotate_log, Strategy::isolate_self});
    turn();
    node_.storage_ok = true;
    answer(true);
    node_.storage_ok = false;
    turn();
    pass(seconds(5));
    EXPECT_THAT(events_, Contains("verified"));  // not ok
    EXPECT_THAT(events_, Contains("decided isolate_self"));
}

TEST_F(RecoveryTest, SaysWhenNothingIsLeftToTry) {
    open(Cause::storage_failing, {Strategy::isolate_self});
    turn();
    answer(false);
    EXPECT_EQ(events_.back(), "error");
    EXPECT_TRUE(recovery_.safe_state().has_value());
    EXPECT_THAT(recovery_.report(outbox_), Contains(HasSubstr("nothing is left to try")));
}

TEST_F(RecoveryTest, DoesTheUrgentFirst) {
    open(Cause::slow, {Strategy::hand_over});
    open(Cause::corruption, {Strategy::resynchronise});
    turn();
    ASSERT_THAT(actions_, SizeIs(2));
    EXPECT_TRUE(std::holds_alternative<action::Resynchronise>(actions_[0].what));
}

TEST_F(RecoveryTest, RevisesTheRepairThatGoesOnButNotTheOneThatIsDone) {
    node_.leader = nobody;
    const IncidentId id = open(Cause::hang, {Strategy::fail_over});
    turn();
    recovery_.revise(
        now_, id, {.at = now_, .about = 1, .cause = Cause::crash}, {Strategy::fail_over}, outbox_);
    turn();
    ASSERT_THAT(actions_, SizeIs(2));
    EXPECT_EQ(std::get<action::SuspectLeader>(actions_[1].what).suspicion, Suspicion::confirmed);
    node_.leader = 3;
    answer(true);
    recovery_.revise(
        now_, id, {.at = now_, .about = 1, .cause = Cause::hang}, {Strategy::fail_over}, outbox_);
    turn();
    EXPECT_THAT(actions_, IsEmpty());
}

TEST_F(RecoveryTest, StopsHuntingForALeaderWhenTheOldOneIsBack) {
    node_.leader = 1;
    const IncidentId id = open(Cause::hang, {Strategy::fail_over, Strategy::await_leader});
    turn();
    answer(true);
    recovery_.over(now_, id);
    turn();
    EXPECT_EQ(recovery_.deadline(), Instant::max());
    EXPECT_THAT(recovery_.report(outbox_), Contains(HasSubstr("nothing is left to repair")));
}

TEST_F(RecoveryTest, ReportsNewestFirstAndWithinABound) {
    for (std::size_t i = 0; i < 2 * Recovery::closed_max; ++i) {
        const IncidentId id = open(Cause::slow, {Strategy::observe});
        recovery_.over(now_, id);
        pass(seconds(1));
    }
    open(Cause::overload, {Strategy::shed});
    turn();
    const auto report = recovery_.report(outbox_);
    EXPECT_THAT(report[0], HasSubstr("kv[0] overload"));
    const auto headings = std::count_if(report.begin(), report.end(), [](const std::string& line) {
        return line.starts_with("at ");
    });
    EXPECT_EQ(static_cast<std::size_t>(headings), Recovery::closed_max + 1);
}

TEST_F(RecoveryTest, StatesEffectTimeAndResources) {
    resources_ = {.cpu_share = 0.25, .memory_bytes = 64 << 20, .disk_free_bytes = 0};
    open(Cause::storage_failing, {Strategy::rotate_log});
    turn();
    now_ += milliseconds(30);
    node_.storage_ok = true;
    for (const Action& action : std::exchange(actions_, {}))
        recovery_.action_done(now_, {.id = action.id, .ok = true, .detail = ""}, outbox_);
    recovery_.turn(now_, {.self = 2, .node = node_, .resources = resources_}, outbox_);
    const auto events = outbox_.take_events();
    ASSERT_GE(events.size(), 1U);
    EXPECT_EQ(events[0].name, "repaired");
    EXPECT_EQ(events[0].fields[3].second, "30.0 ms");
    EXPECT_EQ(events[0].fields[4].second, "1 action, cpu 25.0 %, memory 64.0 MiB");
}

}  // namespace
}  // namespace ftcore::testing
