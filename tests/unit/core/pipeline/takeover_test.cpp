// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(NewPrimary, SaysSoThoughItDiagnosedNothingItself) {
    // The other follower asked for the election.
    Rig rig;
    rig.lead();
    rig.run_for(milliseconds(20));
    EXPECT_EQ(rig.first("recovered", "about"), "kv[0]");
    ++rig.view.commit;
    rig.run_for(milliseconds(20));
    EXPECT_EQ(rig.first("verified", "ok"), "true");
}

TEST(NewPrimary, WaitsUntilItServes) {
    Rig rig;
    rig.lead();
    rig.view.serving = false;
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.events("recovered"), IsEmpty());
    rig.view.serving = true;
    rig.run_for(milliseconds(20));
    EXPECT_THAT(rig.events("recovered"), SizeIs(1));
}

TEST(NewPrimary, IsVerifiedIdleByAQuorumThatAnswers) {
    Rig rig;
    rig.lead();
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("verified", "ok"), "true");
    EXPECT_THAT(rig.first("verified", "evidence"), HasSubstr("quorum answers"));
}

TEST(NewPrimary, IsNotVerifiedWithoutAQuorumAtLevelHigh) {
    Rig rig;
    rig.kill(1);
    rig.kill(3);
    rig.lead();
    ++rig.view.commit;
    rig.run_for(milliseconds(1100));
    ++rig.view.commit;
    rig.run_for(seconds(10));
    EXPECT_EQ(rig.first("verified", "ok"), "false");
}

TEST(NewPrimary, NeedsNoQuorumBelowThat) {
    Rig rig({.self = 2, .leader = 1, .level = Level::low});
    rig.kill(1);
    rig.kill(3);
    rig.lead();
    rig.run_for(milliseconds(1100));
    ++rig.view.commit;
    rig.run_for(milliseconds(1100));
    rig.signal(signal::LoopLag{});
    EXPECT_EQ(rig.first("verified", "ok"), "true");
}

TEST(NewPrimary, IsNotVerifiedWhenNothingMovesAlthoughCommandsWait) {
    Rig rig;
    rig.lead();
    rig.view.queue_depth = 3;
    rig.run_for(seconds(6));
    EXPECT_EQ(rig.first("verified", "ok"), "false");
    EXPECT_THAT(rig.first("verified", "evidence"), HasSubstr("commands wait"));
}

TEST(FirstPrimary, RecoversNothing) {
    Rig rig({.self = 2, .leader = nobody});
    rig.lead();
    rig.run_for(seconds(2));
    EXPECT_THAT(rig.events("recovered"), IsEmpty());
    EXPECT_THAT(rig.events("verified"), IsEmpty());
}

}  // namespace
}  // namespace ftcore::testing
