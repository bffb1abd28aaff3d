// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(LeaderHang, IsSuspectedWithin55Milliseconds) {
    Rig rig;
    const Instant frozen = rig.now;
    rig.freeze(1);
    rig.run_for(milliseconds(100));
    const Duration detected = rig.at("detected") - frozen;
    EXPECT_GE(detected, milliseconds(35));
    EXPECT_LE(detected, milliseconds(55));
    EXPECT_EQ(rig.first("detected", "by"), "phi_accrual");
    EXPECT_EQ(rig.first("detected", "about"), "kv[0]");
}

TEST(LeaderHang, IsConfirmedByAProbeBeforeItAccuses) {
    Rig rig;
    rig.freeze(1);
    rig.run_for(milliseconds(100));
    EXPECT_THAT(rig.actions<action::ProbePeer>(), SizeIs(1));
    // The answer is there when the silence is long enough: all in one turn.
    EXPECT_EQ(rig.at("decided"), rig.at("detected"));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "hang");
    EXPECT_THAT(rig.first("diagnosed", "evidence"), HasSubstr("accepts connections"));
    EXPECT_EQ(rig.first("decided", "strategy"), "fail_over");
    ASSERT_THAT(rig.actions<action::SuspectLeader>(), SizeIs(1));
    EXPECT_EQ(rig.actions<action::SuspectLeader>()[0].suspicion, Suspicion::suspected);
}

TEST(LeaderHang, DoesNotCallAConnectionWithoutGreetingAPartition) {
    // The kernel of a frozen process accepts; the greeting times out.
    Rig rig;
    rig.freeze(1);
    rig.run_for(milliseconds(60));
    rig.signal(signal::ConnectTimedOut{1});
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.all("diagnosed", "cause"), "hang");
}

TEST(LeaderHang, EndsWithTheReturnOfTheOldLeader) {
    Rig rig;
    rig.carry_out = [&rig](const Action& action) {
        if (std::holds_alternative<action::SuspectLeader>(action.what)) rig.lead();
        return true;
    };
    rig.freeze(1);
    rig.run_for(seconds(2));
    EXPECT_EQ(rig.first("recovered", "primary"), "kv[1]");
    EXPECT_EQ(rig.first("verified", "ok"), "true");
    rig.forget();
    rig.thaw(1);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("returned", "about"), "kv[0]");
    EXPECT_THAT(rig.all_actions, IsEmpty());
    EXPECT_THAT(rig.events("detected"), IsEmpty());
    EXPECT_THAT(rig.pipeline.suspected(), IsEmpty());
}

TEST(LeaderHang, ThatEndsBeforeAnElectionIsOver) {
    Rig rig;
    rig.freeze(1);
    rig.run_for(milliseconds(60));
    EXPECT_EQ(rig.first("decided", "strategy"), "fail_over");
    rig.thaw(1);
    rig.run_for(seconds(5));
    EXPECT_THAT(rig.events("decided"), SizeIs(1));
    EXPECT_THAT(rig.events("repaired"), IsEmpty());
    EXPECT_EQ(rig.first("returned", "about"), "kv[0]");
}

TEST(LeaderHang, AfterALostConnectionIsKnownByItsSilence) {
    Rig rig;
    rig.freeze(1);
    rig.signal(signal::ConnectionLost{1});
    rig.run_for(milliseconds(100));
    EXPECT_EQ(rig.first("detected", "by"), "connection_loss");
    EXPECT_EQ(rig.all("diagnosed", "cause"), "hang");
}

TEST(LinkReset, BlamesNobodyWhenBeatsGoOn) {
    Rig rig;
    rig.signal(signal::ConnectionLost{1});
    rig.run_for(milliseconds(2));
    rig.signal(signal::Connected{1, rig.peers.at(1).incarnation});
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.events("diagnosed"), IsEmpty());
    EXPECT_EQ(rig.first("returned", "about"), "kv[0]");
    EXPECT_THAT(rig.pipeline.suspected(), IsEmpty());
}

TEST(FollowerHang, IsMasked) {
    Rig rig({.self = 1, .leader = 1});
    rig.freeze(3);
    rig.run_for(milliseconds(100));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "hang");
    EXPECT_EQ(rig.first("decided", "strategy"), "await_return");
    rig.thaw(3);
    rig.run_for(milliseconds(100));
    EXPECT_EQ(rig.first("returned", "about"), "kv[2]");
}

}  // namespace
}  // namespace ftcore::testing
