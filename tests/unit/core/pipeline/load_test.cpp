// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Rig::Options leading_node{.self = 2, .leader = 2};

TEST(ErrorRate, ThatIsHighWithoutAQueueIsASlowNodeThatHandsOver) {
    Rig rig(leading_node);
    rig.carry_out = [&rig](const Action& action) {
        if (std::holds_alternative<action::HandOverLead>(action.what)) {
            rig.view.role = Role::follower;
            rig.view.leader = 3;
        }
        return true;
    };
    rig.operate(seconds(2), milliseconds(1));
    const Instant failing = rig.now;
    rig.operate(seconds(2), milliseconds(1), 3);
    EXPECT_EQ(rig.first("detected", "by"), "error_rate");
    EXPECT_LE(rig.at("detected") - failing, milliseconds(800));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "slow");
    EXPECT_EQ(rig.first("located", "place"), "self");
    EXPECT_THAT(rig.first("diagnosed", "evidence"), HasSubstr("most with INTERNAL"));
    EXPECT_EQ(rig.first("decided", "strategy"), "hand_over");
    EXPECT_THAT(rig.actions<action::HandOverLead>(), SizeIs(1));
    EXPECT_THAT(rig.all("alert", "rule"), HasSubstr("error_rate"));
}

TEST(ErrorRate, OfAFewOperationsProvesNothing) {
    Rig rig(leading_node);
    for (int i = 0; i < 10; ++i)
        rig.signal(signal::Operation{milliseconds(1), ErrorCode::internal});
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(ErrorRate, DoesNotCountWhatTheCallerDidWrongOrWasRefused) {
    Rig rig(leading_node);
    for (int i = 0; i < 1000; ++i) {
        rig.run_for(milliseconds(1));
        rig.signal(signal::Operation{milliseconds(1), ErrorCode::wrong_type});
        rig.signal(signal::Operation{milliseconds(1), ErrorCode::overloaded});
        rig.signal(signal::Operation{milliseconds(1), ErrorCode::not_primary});
    }
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(ErrorRate, ThatPassesIsOver) {
    Rig rig;
    rig.operate(seconds(1), milliseconds(1), 2);
    EXPECT_EQ(rig.first("decided", "strategy"), "observe");
    rig.operate(seconds(5), milliseconds(1));
    EXPECT_EQ(rig.first("repaired", "strategy"), "observe");
}

TEST(LatencyShift, AgainstWhatIsUsualIsDiagnosed) {
    Rig rig(leading_node);
    rig.operate(seconds(10), milliseconds(1));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
    rig.operate(seconds(4), milliseconds(30));
    EXPECT_EQ(rig.first("detected", "by"), "latency_shift");
    EXPECT_EQ(rig.first("diagnosed", "cause"), "slow");
    EXPECT_THAT(rig.first("diagnosed", "evidence"), HasSubstr("usual is"));
}

TEST(LatencyShift, OnAMachineThatIsBusyForAllIsNoReasonToHandOver) {
    Rig rig(leading_node);
    rig.operate(seconds(10), milliseconds(1));
    for (auto& [id, peer] : rig.peers)
        peer.health.loop_lag = milliseconds(12);
    rig.signal(signal::LoopLag{milliseconds(15)});
    rig.operate(seconds(3), milliseconds(30));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "slow");
    EXPECT_EQ(rig.first("decided", "strategy"), "observe");
}

TEST(LatencyShift, OfAMillisecondIsNone) {
    Rig rig(leading_node);
    rig.operate(seconds(10), microseconds(300));
    rig.operate(seconds(4), microseconds(2000));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(Overload, ShedsMoreUntilTheQueueIsShortThenLessUntilNothing) {
    Rig rig(leading_node);
    rig.view.queue_depth = 5000;
    rig.operate(seconds(2), milliseconds(400));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "overload");
    EXPECT_EQ(rig.first("decided", "strategy"), "shed");
    EXPECT_TRUE(rig.pipeline.health().overloaded);
    const auto rising = rig.actions<action::Shed>();
    ASSERT_GE(rising.size(), 4U);
    EXPECT_DOUBLE_EQ(rising[0].share, 0.2);
    for (std::size_t i = 1; i < rising.size(); ++i)
        EXPECT_GT(rising[i].share, rising[i - 1].share);
    EXPECT_LE(rising.back().share, 0.9);

    rig.view.queue_depth = 3;
    rig.operate(seconds(5), milliseconds(1));
    EXPECT_DOUBLE_EQ(rig.actions<action::Shed>().back().share, 0);
    EXPECT_EQ(rig.first("repaired", "strategy"), "shed");
    EXPECT_EQ(rig.first("verified", "ok"), "true");
    EXPECT_FALSE(rig.pipeline.health().overloaded);
}

TEST(Overload, IsNotALongQueueThatMovesQuickly) {
    Rig rig(leading_node);
    rig.view.queue_depth = 5000;
    rig.operate(seconds(2), milliseconds(20));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(Overload, IsSeenThoughNothingIsAnsweredAnyMore) {
    Rig rig(leading_node);
    rig.view.queue_depth = 5000;
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "overload");
}

TEST(Operations, AskForTenLooksASecondHoweverManyThereAre) {
    Rig rig(leading_node);
    const Instant begin = rig.now;
    int looks = 0;
    Instant looked = rig.pipeline.deadline();
    while (rig.now < begin + seconds(1)) {
        rig.now += microseconds(200);
        rig.pipeline.signal(rig.now, signal::Operation{milliseconds(1), ErrorCode::none});
        for (const NodeId peer : {NodeId{1}, NodeId{3}}) {
            rig.pipeline.signal(
                rig.now,
                signal::Beat{peer, ++rig.peers.at(peer).sequence, microseconds(10'000), {}});
        }
        if (rig.pipeline.deadline() > rig.now) continue;
        rig.pipeline.turn(rig.now, rig.view);
        if (rig.pipeline.deadline() != looked) ++looks;
        looked = rig.pipeline.deadline();
    }
    EXPECT_LE(looks, 12);
}

}  // namespace
}  // namespace ftcore::testing
