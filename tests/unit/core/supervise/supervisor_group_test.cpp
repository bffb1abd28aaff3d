// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/supervise/supervisor_fixture.hpp"

namespace ftcore {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(SupervisorTest, RestartsAllForOne) {
    supervise_abc(RestartStrategy::one_for_all);
    static_cast<void>(asked());
    crash("b");
    EXPECT_THAT(asked(), ElementsAre("stop c", "stop a", "start a", "start b", "start c"));
}

TEST_F(SupervisorTest, RestartsTheRestForOne) {
    supervise_abc(RestartStrategy::rest_for_one);
    static_cast<void>(asked());
    crash("b");
    EXPECT_THAT(asked(), ElementsAre("stop c", "start b", "start c"));
    crash("a");
    EXPECT_THAT(asked(), Contains("stop b"));
}

TEST_F(SupervisorTest, CountsAGroupAsOneRestart) {
    supervise({.strategy = RestartStrategy::one_for_all, .restarts_max = 2, .pause_first = 1ms},
              {child_named("a"), child_named("b"), child_named("c")});
    crash("b");
    advance(1s);
    crash("c");
    advance(1s);
    EXPECT_EQ(supervisor_.ending(), std::nullopt);
    crash("a");
    EXPECT_EQ(supervisor_.ending(), Ending::gave_up);
}

TEST_F(SupervisorTest, BringsATransientChildBackWithItsGroupButNotATemporaryOne) {
    supervise({.strategy = RestartStrategy::one_for_all},
              {child_named("a"),
               child_named("b", Restart::transient),
               child_named("c", Restart::temporary)});
    end_normally("b");
    static_cast<void>(asked());
    crash("a");
    EXPECT_THAT(asked(), ElementsAre("stop c", "start a", "start b"));
    EXPECT_EQ(state_of("c"), ChildState::ended);
}

TEST_F(SupervisorTest, StopsAGroupOneByOne) {
    supervise_abc(RestartStrategy::one_for_all);
    static_cast<void>(asked());
    stops_ = false;
    crash("b");
    EXPECT_THAT(asked(), ElementsAre("stop c"));
    advance(5s);
    EXPECT_THAT(asked(), ElementsAre("kill c", "stop a"));
    advance(5s);
    EXPECT_THAT(asked(), ElementsAre("kill a", "start a", "start b", "start c"));
}

TEST_F(SupervisorTest, TakesAnEndInAGroupThatGoesDownForWhatItIs) {
    supervise_abc(RestartStrategy::one_for_all);
    stops_ = false;
    crash("b");
    static_cast<void>(asked());
    static_cast<void>(told());
    crash("a");  // before its turn
    EXPECT_THAT(told(), IsEmpty());
    crash("c");
    EXPECT_THAT(asked(), ElementsAre("start a", "start b", "start c"));
}

TEST_F(SupervisorTest, WidensAGroupWhenAnEarlierChildFailsMeanwhile) {
    supervise_abc(RestartStrategy::rest_for_one);
    stops_ = false;
    crash("b");
    crash("a");
    static_cast<void>(asked());
    crash("c");  // was asked to stop
    advance(100ms);
    EXPECT_THAT(asked(), ElementsAre("start a", "start b", "start c"));
}

TEST_F(SupervisorTest, PausesTheWholeGroup) {
    supervise_abc(RestartStrategy::one_for_all);
    crash("b");
    static_cast<void>(asked());
    crash("b");
    EXPECT_THAT(asked(), ElementsAre("stop c", "stop a"));
    advance(100ms);
    EXPECT_THAT(asked(), ElementsAre("start a", "start b", "start c"));
}

TEST_F(SupervisorTest, StartsAChildAfterTheFirstBeatOfAnother) {
    supervise({},
              {{.name = "a", .heartbeat_timeout = 1s},
               {.name = "b", .after = {"a"}},
               {.name = "c", .after = {"b"}}});
    EXPECT_THAT(asked(), ElementsAre("start a"));
    EXPECT_THAT(told(), IsEmpty());
    beat("a");
    EXPECT_THAT(asked(), ElementsAre("start b", "start c"));
    EXPECT_THAT(told(), ElementsAre("ready"));
}

}  // namespace
}  // namespace ftcore
