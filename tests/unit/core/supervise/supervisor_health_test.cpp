// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/core/supervise/supervisor_fixture.hpp"

namespace ftcore {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SupervisorHealthTest : public SupervisorTest {
  protected:
    void SetUp() override {
        supervise(
            {},
            {{.name = "a", .heartbeat_timeout = 500ms, .first_beat_within = 2s}, child_named("b")});
        static_cast<void>(asked());
    }
    void beat_for(Duration span) {
        for (Duration passed{}; passed < span; passed += 100ms) {
            beat("a");
            advance(100ms);
        }
    }
};

TEST_F(SupervisorHealthTest, LeavesAChildAloneThatBeats) {
    beat_for(10s);
    EXPECT_THAT(asked(), IsEmpty());
    EXPECT_THAT(told(), ElementsAre("ready"));
}

TEST_F(SupervisorHealthTest, KillsAndRestartsAChildThatFallsSilent) {
    beat("a");
    static_cast<void>(told());
    advance(499ms);
    EXPECT_THAT(asked(), IsEmpty());
    advance(1ms);
    EXPECT_THAT(asked(), ElementsAre("kill a", "start a"));
    EXPECT_THAT(told(),
                ElementsAre("detected a hang",
                            "decided a restart",
                            "repair a restart begin",
                            "repaired a restart"));
    beat("a");
    EXPECT_THAT(told(), ElementsAre("verified a beat"));
}

TEST_F(SupervisorHealthTest, GivesAStartingChildMoreTime) {
    advance(1999ms);
    EXPECT_THAT(asked(), IsEmpty());
    advance(1ms);
    EXPECT_THAT(asked(), ElementsAre("kill a", "start a"));
}

TEST_F(SupervisorHealthTest, DoesNotListenForTheBeatsOfTheLastRun) {
    beat_for(1s);
    crash("a");
    static_cast<void>(asked());
    advance(1s);
    EXPECT_THAT(asked(), IsEmpty()) << "the new run has time for its first beat";
}

TEST_F(SupervisorHealthTest, DoesNotBlameAChildForItsOwnSleep) {
    beat("a");
    sleep_through(10s);
    EXPECT_THAT(asked(), IsEmpty());
    beat("a");
    advance(499ms);
    EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(SupervisorHealthTest, ExcusesASilenceOnlyOnce) {
    beat("a");
    sleep_through(10s);
    advance(249ms);
    EXPECT_THAT(asked(), IsEmpty());
    sleep_through(10s);
    EXPECT_THAT(asked(), ElementsAre("kill a", "start a"));
}

TEST_F(SupervisorHealthTest, WantsToBeCalledWhenASilenceIsTooLong) {
    beat("a");
    EXPECT_EQ(supervisor_.deadline(), now_ + 500ms);
}

TEST_F(SupervisorHealthTest, CountsAHangAgainstTheLimit) {
    supervise({.restarts_max = 2}, {{.name = "a", .heartbeat_timeout = 500ms}});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(supervisor_.ending(), std::nullopt);
        beat("a");
        advance(1s);
    }
    EXPECT_EQ(supervisor_.ending(), Ending::gave_up);
}

TEST_F(SupervisorHealthTest, IsQuietWhenAChildIsStopped) {
    beat("a");
    stops_ = false;
    stop();
    static_cast<void>(told());
    advance(4s);
    EXPECT_THAT(told(), IsEmpty()) << "who was asked to stop need not beat";
}

}  // namespace
}  // namespace ftcore
