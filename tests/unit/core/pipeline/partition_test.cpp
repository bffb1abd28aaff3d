// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Partition, OfTheLeaderIsSuspectedBeforeItIsUnderstood) {
    Rig rig;
    rig.cut_off(1);
    rig.peers.at(3).health.unreachable = {1};
    const Instant cut = rig.now;
    rig.run_for(seconds(1));
    EXPECT_LE(rig.at("detected") - cut, milliseconds(55));
    EXPECT_EQ(rig.at("repair"), rig.at("detected"));
    EXPECT_EQ(rig.actions<action::SuspectLeader>()[0].suspicion, Suspicion::suspected);
    EXPECT_EQ(rig.first("diagnosed", "cause"), "partition_of_peer");
    EXPECT_EQ(rig.first("located", "place"), "peer");
    EXPECT_THAT(rig.first("diagnosed", "evidence"), HasSubstr("kv[2] lost it as well"));
    EXPECT_EQ(rig.first("decided", "strategy"), "fail_over");
}

TEST(Partition, OfALinkIsLocatedThereWhenOthersStillHearThePeer) {
    Rig rig;
    rig.cut_off(1);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "partition_of_peer");
    EXPECT_EQ(rig.first("located", "place"), "link");
    EXPECT_THAT(rig.first("diagnosed", "evidence"), HasSubstr("kv[2] still hears it"));
}

TEST(Partition, OfSelfIsSeenWhenTheMajorityIsLostAtOnce) {
    Rig rig({.self = 1, .leader = 1});
    rig.cut_off(2);
    rig.cut_off(3);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.all("diagnosed", "cause"), "partition_of_self");
    EXPECT_EQ(rig.first("diagnosed", "about"), "kv[0]");
    EXPECT_EQ(rig.first("located", "place"), "self");
    EXPECT_EQ(rig.all("decided", "strategy"), "await_majority");
    EXPECT_THAT(rig.actions<action::IsolateSelf>(), IsEmpty());
}

TEST(Partition, OfSelfIsOverWhenTheMajorityIsBack) {
    Rig rig({.self = 1, .leader = 1});
    rig.cut_off(2);
    rig.cut_off(3);
    rig.run_for(seconds(1));
    rig.thaw(2);
    rig.run_for(milliseconds(100));
    EXPECT_EQ(rig.first("repaired", "strategy"), "await_majority");
    EXPECT_EQ(rig.first("returned", "about"), "kv[1]");
}

TEST(Partition, OfSelfReplacesAnEarlierGuessAboutAPeer) {
    Rig rig;
    rig.cut_off(1);
    rig.run_for(milliseconds(300));
    EXPECT_EQ(rig.all("diagnosed", "cause"), "partition_of_peer");
    rig.cut_off(3);
    rig.run_for(milliseconds(500));
    EXPECT_THAT(rig.all("diagnosed", "cause"), HasSubstr("partition_of_self"));
}

TEST(Partition, IsNotOfSelfWhenTheOthersHadLostEachOther) {
    Rig rig;
    rig.peers.at(1).health.unreachable = {3};
    rig.peers.at(3).health.unreachable = {1};
    rig.run_for(milliseconds(50));
    rig.cut_off(1);
    rig.cut_off(3);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.all("diagnosed", "cause"), "partition_of_peer,partition_of_peer");
}

TEST(Partition, IsNotOfSelfWhenBothOthersCrashed) {
    Rig rig;
    rig.kill(1);
    rig.kill(3);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.all("diagnosed", "cause"), "crash,crash");
}

TEST(Partition, IsAssumedWhenAProbeIsNeverAnswered) {
    Rig rig;
    rig.cut_off(1);
    rig.peers.at(1).reach.reset();
    const Instant cut = rig.now;
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "partition_of_peer");
    EXPECT_LE(rig.at("diagnosed") - cut, milliseconds(400));
}

TEST(Partition, ThatHealsIsOver) {
    Rig rig;
    rig.carry_out = [&rig](const Action&) {
        rig.view.leader = 3;
        return true;
    };
    rig.cut_off(1);
    rig.run_for(seconds(1));
    rig.forget();
    rig.thaw(1);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("returned", "about"), "kv[0]");
    EXPECT_THAT(rig.all_actions, IsEmpty());
}

}  // namespace
}  // namespace ftcore::testing
