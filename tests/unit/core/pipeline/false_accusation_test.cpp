// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(OwnLag, Of300MillisecondsAccusesNobody) {
    Rig rig;
    rig.sleep_through(milliseconds(300));
    // The timer comes first, before anything the others sent was read.
    rig.pipeline.turn(rig.now, rig.view);
    rig.signal(signal::LoopLag{milliseconds(300)});
    rig.run_for(seconds(2));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
    EXPECT_THAT(rig.actions<action::SuspectLeader>(), IsEmpty());
    EXPECT_THAT(rig.pipeline.suspected(), IsEmpty());
}

TEST(OwnLag, AccusesNobodyThoughOnePeerIsReadBeforeTheOther) {
    Rig rig;
    rig.sleep_through(milliseconds(300));
    rig.signal(signal::Beat{3, ++rig.peers.at(3).sequence, milliseconds(10), {}});
    rig.now += milliseconds(3);
    rig.signal(signal::LoopLag{milliseconds(300)});
    rig.now += milliseconds(3);
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(OwnLag, AccusesNobodyWhenTheWholeMachineStoodStill) {
    Rig rig;
    for (auto& [id, peer] : rig.peers)
        peer.next_beat += milliseconds(300 + 15);  // the others need a moment to run again
    rig.sleep_through(milliseconds(300));
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(OwnLag, OfSecondsInAFrozenNodeIsToldAsItsOwn) {
    Rig rig;
    rig.sleep_through(seconds(5));
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
    EXPECT_EQ(rig.first("anomaly", "about"), "kv[1]");
    EXPECT_THAT(rig.first("anomaly", "text"), HasSubstr("did not run for"));
}

TEST(OwnLag, DoesNotHideAHangForLong) {
    Rig rig;
    rig.freeze(1);
    rig.sleep_through(milliseconds(300));
    const Instant awake = rig.now;
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "hang");
    EXPECT_LE(rig.at("detected") - awake, milliseconds(200));
}

TEST(BusyMachine, HiccupsOf20MillisecondsAtBothEndsAccuseNobody) {
    Rig rig;
    Random random(7);
    for (int i = 0; i < 2000; ++i) {
        // Long enough for the beat that the last hiccup held up: a hiccup is one turn of the
        // scheduler.
        rig.run_for(milliseconds(20) +
                    Duration(static_cast<std::int64_t>(random.below(30'000'000))));
        const auto hiccup = Duration(static_cast<std::int64_t>(random.below(20'000'000)));
        auto& peer = rig.peers.at(random.below(2) == 0 ? 1 : 3);
        peer.next_beat += hiccup;
        if (random.below(3) == 0) {
            rig.sleep_through(hiccup);
            rig.signal(signal::LoopLag{hiccup});
        }
    }
    EXPECT_THAT(rig.events("detected"), IsEmpty());
    EXPECT_THAT(rig.actions<action::SuspectLeader>(), IsEmpty());
}

TEST(BusyPeer, ThatSaysItIsLateIsGivenMoreTime) {
    Rig rig;
    rig.peers.at(1).health.loop_lag = milliseconds(30);
    rig.run_for(milliseconds(100));
    rig.peers.at(1).next_beat += milliseconds(55);
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(Silence, ThatIsDoubtedAsksBeforeItAccuses) {
    Rig rig;
    rig.peers.at(1).next_beat += milliseconds(32);
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.actions<action::ProbePeer>(), SizeIs(1));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(Start, AccusesNobodyWhoHasNotBeenThere) {
    PipelineSettings settings{.self = 1, .members = {{1}, {2}, {3}}};
    const Instant start(seconds(5));
    Pipeline pipeline(settings, start);
    for (int i = 0; i < 100; ++i) {
        const Instant now = start + milliseconds(50) * i;
        pipeline.signal(now, signal::ConnectRefused{2});
        pipeline.signal(now, signal::ConnectTimedOut{3});
        pipeline.turn(now, {});
    }
    for (const PipelineEvent& event : pipeline.take_events())
        EXPECT_NE(event.name, "detected");
    EXPECT_THAT(pipeline.suspected(), IsEmpty());
}

TEST(QuietGroup, SaysNothingAndCostsLittle) {
    Rig rig;
    rig.run_for(seconds(60));
    EXPECT_THAT(rig.all_events, IsEmpty());
    EXPECT_THAT(rig.all_actions, IsEmpty());
    // The rig turns once for every beat (200/s); the pipeline asks for none of its own.
    EXPECT_LE(rig.turns, 60 * 200 + 10);
}

TEST(ClosedWay, ToAPeerThatStillSpeaksAccusesNobody) {
    Rig rig;
    for (int attempt = 0; attempt < 20; ++attempt) {
        rig.signal(signal::ConnectRefused{.peer = 1, .heard = true});
        rig.run_for(milliseconds(50));
    }
    EXPECT_THAT(rig.events("detected"), IsEmpty());
    EXPECT_THAT(rig.actions<action::SuspectLeader>(), IsEmpty());
}

}  // namespace
}  // namespace ftcore::testing
