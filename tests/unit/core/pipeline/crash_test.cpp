// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// The consensus of the rig: suspicion of the leader makes this node lead.
void elect_self(Rig& rig) {
    rig.carry_out = [&rig](const Action& action) {
        if (std::holds_alternative<action::SuspectLeader>(action.what)) rig.lead();
        return true;
    };
}

TEST(LeaderCrash, IsDetectedLocatedDiagnosedAndDecidedInOneTurn) {
    Rig rig;
    elect_self(rig);
    const Instant killed = rig.now;
    rig.kill(1);
    EXPECT_EQ(rig.at("detected"), killed);
    EXPECT_EQ(rig.at("located"), killed);
    EXPECT_EQ(rig.at("diagnosed"), killed);
    EXPECT_EQ(rig.at("decided"), killed);
    EXPECT_EQ(rig.first("detected", "about"), "kv[0]");
    EXPECT_EQ(rig.first("detected", "by"), "connection_loss");
    EXPECT_EQ(rig.first("located", "place"), "peer");
    EXPECT_EQ(rig.first("diagnosed", "cause"), "crash");
    EXPECT_THAT(rig.first("diagnosed", "evidence"), HasSubstr("refused"));
    EXPECT_EQ(rig.first("decided", "strategy"), "fail_over");
    const auto suspicions = rig.actions<action::SuspectLeader>();
    ASSERT_THAT(suspicions, SizeIs(1));
    EXPECT_EQ(suspicions[0].leader, 1U);
    EXPECT_EQ(suspicions[0].suspicion, Suspicion::confirmed);
}

TEST(LeaderCrash, IsSuspectedAtOnceWhenOnlyTheConnectionIsLostAndConfirmedByTheProbe) {
    Rig rig;
    rig.peers.at(1).beating = false;
    rig.peers.at(1).reach = Rig::Reach::refused;
    rig.signal(signal::ConnectionLost{1});
    ASSERT_THAT(rig.actions<action::SuspectLeader>(), SizeIs(1));
    EXPECT_EQ(rig.actions<action::SuspectLeader>()[0].suspicion, Suspicion::suspected);
    EXPECT_THAT(rig.actions<action::ProbePeer>(), SizeIs(1));
    EXPECT_THAT(rig.events("diagnosed"), IsEmpty());

    elect_self(rig);
    rig.run_for(milliseconds(5));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "crash");
    ASSERT_THAT(rig.actions<action::SuspectLeader>(), SizeIs(2));
    EXPECT_EQ(rig.actions<action::SuspectLeader>()[1].suspicion, Suspicion::confirmed);
}

TEST(LeaderCrash, IsRecoveredAndVerifiedByTheNewPrimary) {
    Rig rig;
    elect_self(rig);
    rig.kill(1);
    rig.run_for(milliseconds(2));
    EXPECT_EQ(rig.first("repaired", "strategy"), "fail_over");
    EXPECT_EQ(rig.first("recovered", "primary"), "kv[1]");
    EXPECT_EQ(rig.first("recovered", "about"), "kv[0]");
    EXPECT_THAT(rig.events("verified"), IsEmpty());
    rig.view.commit += 1;
    rig.run_for(milliseconds(20));
    EXPECT_EQ(rig.first("verified", "ok"), "true");
}

TEST(LeaderCrash, LeavesTheLastWordToTheNewPrimary) {
    Rig rig;
    rig.carry_out = [&rig](const Action&) {
        rig.view.leader = 3;
        return true;
    };
    rig.kill(1);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("repaired", "strategy"), "fail_over");
    EXPECT_THAT(rig.events("recovered"), IsEmpty());
    EXPECT_THAT(rig.events("verified"), IsEmpty());
}

TEST(LeaderCrash, IsTriedAgainAndThenWaitedFor) {
    Rig rig;
    rig.kill(1);
    rig.view.leader = nobody;
    rig.run_for(seconds(10));
    EXPECT_EQ(rig.all("decided", "strategy"), "fail_over,fail_over,fail_over,await_leader");
    EXPECT_THAT(rig.actions<action::IsolateSelf>(), IsEmpty());
    rig.view.leader = 3;
    rig.run_for(milliseconds(20));
    EXPECT_EQ(rig.first("repaired", "strategy"), "await_leader");
}

TEST(LeaderCrash, IsSeenInAProcessThatWasReplacedBeforeAnybodyNoticed) {
    Rig rig;
    rig.restart(1);
    EXPECT_EQ(rig.first("detected", "by"), "incarnation");
    EXPECT_EQ(rig.first("diagnosed", "cause"), "crash");
    ASSERT_THAT(rig.actions<action::SuspectLeader>(), SizeIs(1));
    EXPECT_EQ(rig.actions<action::SuspectLeader>()[0].suspicion, Suspicion::confirmed);
}

TEST(LeaderCrash, IsStillKnownWhenConsensusHasForgottenTheLeader) {
    Rig rig;
    rig.view.leader = nobody;
    rig.kill(1);
    EXPECT_EQ(rig.first("decided", "strategy"), "fail_over");
}

TEST(LeaderCrash, TakesABackSeatToNobodyWhenHeartbeatsWinOverLateSockets) {
    // A process with much memory keeps its sockets open while its pages are freed.
    Rig rig;
    rig.freeze(1);
    rig.run_for(milliseconds(60));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "hang");
    rig.kill(1);
    EXPECT_EQ(rig.all("diagnosed", "cause"), "hang,crash");
    EXPECT_EQ(rig.field(rig.events("diagnosed").back(), "revised"), "true");
    EXPECT_EQ(rig.actions<action::SuspectLeader>().back().suspicion, Suspicion::confirmed);
}

TEST(FollowerCrash, IsMaskedAndNoted) {
    Rig rig({.self = 1, .leader = 1});
    rig.kill(3);
    EXPECT_EQ(rig.first("diagnosed", "cause"), "crash");
    EXPECT_EQ(rig.first("diagnosed", "about"), "kv[2]");
    EXPECT_EQ(rig.first("decided", "strategy"), "await_return");
    rig.run_for(seconds(5));
    EXPECT_THAT(rig.actions<action::SuspectLeader>(), IsEmpty());
    EXPECT_THAT(rig.actions<action::HandOverLead>(), IsEmpty());
    EXPECT_THAT(rig.events("verified"), IsEmpty());
    EXPECT_EQ(rig.pipeline.suspected(), std::vector<NodeId>{3});

    rig.restart(3);
    rig.run_for(milliseconds(10));
    EXPECT_EQ(rig.first("returned", "about"), "kv[2]");
    EXPECT_EQ(rig.first("recovered", "about"), "kv[2]");
    EXPECT_EQ(rig.first("verified", "ok"), "true");
    EXPECT_THAT(rig.pipeline.suspected(), IsEmpty());
}

TEST(FollowerCrash, DoesNotMakeTheNodeBusyWhileThePeerIsGone) {
    Rig rig({.self = 1, .leader = 1});
    rig.kill(3);
    rig.run_for(milliseconds(100));
    rig.forget();
    rig.run_for(seconds(1));
    // One turn for each beat of the other peer, which the rig makes itself.
    EXPECT_LE(rig.turns, 110);
}

TEST(Crash, IsReportedWithItsEvidence) {
    Rig rig;
    elect_self(rig);
    rig.kill(1);
    rig.run_for(milliseconds(5));
    std::string report;
    for (const std::string& line : rig.pipeline.report())
        report += line + "\n";
    EXPECT_THAT(report, HasSubstr("kv[0] crash (peer)"));
    EXPECT_THAT(report, HasSubstr("nobody listens"));
    EXPECT_THAT(report, HasSubstr("decided: fail_over"));
    EXPECT_THAT(report, HasSubstr("repaired: another node leads"));
}

}  // namespace
}  // namespace ftcore::testing
