// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/supervise/supervisor_fixture.hpp"

namespace ftcore {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(SupervisorTest, StartsInOrderAndStopsInReverse) {
    supervise_abc(RestartStrategy::one_for_one);
    EXPECT_THAT(asked(), ElementsAre("start a", "start b", "start c"));
    EXPECT_THAT(told(), ElementsAre("ready"));
    stop();
    EXPECT_THAT(asked(), ElementsAre("stop c", "stop b", "stop a", "finish"));
    EXPECT_EQ(supervisor_.ending(), Ending::stopped);
}

TEST_F(SupervisorTest, RestartsAChildThatCrashes) {
    supervise_abc(RestartStrategy::one_for_one);
    static_cast<void>(asked());
    static_cast<void>(told());
    crash("b");
    EXPECT_THAT(asked(), ElementsAre("start b"));
    EXPECT_THAT(told(),
                ElementsAre("detected b crash",
                            "decided b restart",
                            "repair b restart begin",
                            "repaired b restart"));
    advance(999ms);
    EXPECT_THAT(told(), IsEmpty());
    advance(1ms);
    EXPECT_THAT(told(), ElementsAre("verified b staying up"));
    EXPECT_EQ(supervisor_.view()[1].restarts, 1);
}

TEST_F(SupervisorTest, CallsChildrenByTheirEventNames) {
    supervise({}, {{.name = "a", .event_name = "kv[0]"}});
    static_cast<void>(told());
    crash("a");
    EXPECT_THAT(told(), Contains("detected kv[0] crash"));
}

TEST_F(SupervisorTest, RestartsAPermanentChildAlsoAfterANormalEnd) {
    supervise({}, {child_named("a", Restart::permanent)});
    static_cast<void>(asked());
    end_normally("a");
    EXPECT_THAT(asked(), ElementsAre("start a"));
}

TEST_F(SupervisorTest, RestartsATransientChildOnlyAfterAFailure) {
    supervise({}, {child_named("a", Restart::transient), child_named("b")});
    static_cast<void>(asked());
    crash("a", "exit code 1");
    EXPECT_THAT(asked(), ElementsAre("start a"));
    end_normally("a");
    EXPECT_THAT(asked(), IsEmpty());
    EXPECT_EQ(state_of("a"), ChildState::ended);
}

TEST_F(SupervisorTest, NeverRestartsATemporaryChild) {
    supervise({}, {child_named("a", Restart::temporary), child_named("b")});
    static_cast<void>(asked());
    static_cast<void>(told());
    crash("a");
    EXPECT_THAT(asked(), IsEmpty());
    EXPECT_THAT(told(), ElementsAre("detected a crash", "decided a none"));
}

TEST_F(SupervisorTest, EndsWhenEveryChildHasEnded) {
    supervise({}, {child_named("a", Restart::transient), child_named("b", Restart::temporary)});
    static_cast<void>(asked());
    end_normally("a");
    EXPECT_THAT(asked(), IsEmpty());
    crash("b");
    EXPECT_THAT(asked(), ElementsAre("finish"));
    EXPECT_EQ(supervisor_.ending(), Ending::all_ended);
}

TEST_F(SupervisorTest, PausesLongerBeforeEveryRestartUpToACap) {
    supervise({.restarts_max = 100, .pause_first = 100ms, .pause_cap = 300ms}, {child_named("a")});
    static_cast<void>(asked());
    for (const Duration pause :
         {Duration(0ms), Duration(100ms), Duration(200ms), Duration(300ms), Duration(300ms)}) {
        crash("a");
        if (pause > 0ms) {
            EXPECT_THAT(asked(), IsEmpty());
            advance(pause - 1ms);
            EXPECT_THAT(asked(), IsEmpty());
            advance(1ms);
        }
        EXPECT_THAT(asked(), ElementsAre("start a"));
    }
}

TEST_F(SupervisorTest, ForgetsThePausesOfAChildThatStayedUp) {
    supervise({.restarts_max = 100, .stable_after = 10s}, {child_named("a")});
    for (int i = 0; i < 3; ++i) {
        crash("a");
        advance(5s);
    }
    advance(10s);
    static_cast<void>(asked());
    crash("a");
    EXPECT_THAT(asked(), ElementsAre("start a"));
}

TEST_F(SupervisorTest, GivesUpWhenRestartsAreTooMany) {
    supervise({.restarts_max = 2, .period = 5s, .pause_first = 1ms},
              {child_named("a"), child_named("b")});
    crash("b");
    advance(10ms);
    crash("b");
    advance(10ms);
    static_cast<void>(asked());
    static_cast<void>(told());
    crash("b");
    EXPECT_THAT(asked(), ElementsAre("stop a", "finish"));
    EXPECT_THAT(
        told(),
        ElementsAre("detected b crash", "decided b give_up", "alert b", "ended supervisor"));
    EXPECT_EQ(supervisor_.ending(), Ending::gave_up);
}

TEST_F(SupervisorTest, DoesNotCountRestartsOfLongAgo) {
    supervise({.restarts_max = 2, .period = 5s, .pause_first = 1ms, .pause_cap = 1ms},
              {child_named("a")});
    for (int i = 0; i < 20; ++i) {
        crash("a");
        advance(3s);
    }
    EXPECT_EQ(supervisor_.ending(), std::nullopt);
}

TEST_F(SupervisorTest, EndsWhenAChildCannotBeStartedInTheFirstPlace) {
    starts_ = false;
    supervise_abc(RestartStrategy::one_for_one);
    EXPECT_EQ(supervisor_.ending(), Ending::not_started);
}

TEST_F(SupervisorTest, CountsAFailedRestartAsOneMoreFailure) {
    supervise({.restarts_max = 3, .pause_first = 10ms}, {child_named("a")});
    starts_ = false;
    static_cast<void>(asked());
    crash("a");
    advance(1s);
    EXPECT_THAT(asked(), ElementsAre("start a", "start a", "start a", "finish"));
    EXPECT_EQ(supervisor_.ending(), Ending::gave_up);
}

TEST_F(SupervisorTest, KillsWhoDoesNotStopInTime) {
    supervise({}, {child_named("a"), {.name = "b", .stop_within = 2s}});
    static_cast<void>(asked());
    stops_ = false;
    stop();
    EXPECT_THAT(asked(), ElementsAre("stop b"));
    advance(1999ms);
    EXPECT_THAT(asked(), IsEmpty());
    advance(1ms);
    EXPECT_THAT(asked(), ElementsAre("kill b", "stop a"));
    EXPECT_EQ(state_of("a"), ChildState::stopping);
}

TEST_F(SupervisorTest, KillsEverybodyAtOnceWhenToldAgain) {
    supervise_abc(RestartStrategy::one_for_one);
    static_cast<void>(asked());
    stops_ = false;
    stop();
    static_cast<void>(asked());
    supervisor_.stop_at_once(now_);
    advance(0ms);
    EXPECT_THAT(asked(), ElementsAre("kill a", "kill b", "kill c", "finish"));
    EXPECT_EQ(supervisor_.ending(), Ending::stopped);
}

TEST_F(SupervisorTest, StartsNobodyWhileItStops) {
    supervise({.pause_first = 1s}, {child_named("a"), child_named("b")});
    crash("a");
    crash("a");  // waits for the end of its pause now
    static_cast<void>(asked());
    stop();
    advance(1min);
    EXPECT_THAT(asked(), ElementsAre("stop b", "finish"));
}

}  // namespace
}  // namespace ftcore
