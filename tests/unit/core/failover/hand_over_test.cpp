// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/core/failover/group.hpp"
#include "tests/unit/core/failover/solo.hpp"

namespace ftcore {
namespace {

using std::chrono::milliseconds;

void start_hand_over(Solo& solo) {
    solo.call(
        [](Consensus& consensus, Instant now) { consensus.hand_over(now, milliseconds(100)); });
}

TEST(HandOver, WaitsUntilTheSuccessorHasEverything) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    start_hand_over(solo);
    EXPECT_TRUE(solo->handing_over());
    EXPECT_TRUE(solo.sent<HandOver>().empty());
    solo.store_all();
    solo.acknowledge(2);
    ASSERT_EQ(solo.sent<HandOver>(2).size(), 1U);
    // It was told that everything is agreed before.
    const std::size_t last = solo.messages.size() - 1;
    EXPECT_TRUE(std::holds_alternative<HandOver>(solo.messages[last].body));
    EXPECT_EQ(solo.sent<AppendRequest>(2).back().commit, 2U);
    EXPECT_EQ(solo->role(), Role::leader);
}

TEST(HandOver, TakesNoProposalsAndHasNoLease) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.acknowledge(2);
    EXPECT_TRUE(solo->lease_until().has_value());
    start_hand_over(solo);
    EXPECT_FALSE(solo->lease_until().has_value());
    solo.forget();
    solo.propose({"b"});
    EXPECT_EQ(solo.answers.at(0).kind, Answer::Kind::not_leader);
}

TEST(HandOver, PassesAWitness) {
    Solo solo({.witnesses = {3}});
    solo.serve();
    solo.propose({"a"});
    solo.store_all();
    solo.acknowledge(3);
    start_hand_over(solo);
    EXPECT_TRUE(solo.sent<HandOver>().empty());
    solo.acknowledge(2);
    EXPECT_EQ(solo.sent<HandOver>(2).size(), 1U);
}

TEST(HandOver, GoesOnLeadingWhenNobodyTakesOverInTime) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    start_hand_over(solo);
    solo.wait(milliseconds(100));
    EXPECT_EQ(solo->role(), Role::leader);
    EXPECT_FALSE(solo->handing_over());
    solo.acknowledge(2);
    EXPECT_TRUE(solo->lease_until().has_value());
    solo.forget();
    solo.propose({"b"});
    EXPECT_EQ(solo.answers.at(0).kind, Answer::Kind::accepted);
    EXPECT_TRUE(solo.sent<HandOver>().empty());
}

TEST(HandOver, IsGivenUpWhenAskedTo) {
    Solo solo;
    solo.serve();
    start_hand_over(solo);
    solo.call([](Consensus& consensus, Instant now) { consensus.keep_lead(now); });
    EXPECT_FALSE(solo->handing_over());
    solo.propose({"a"});
    EXPECT_EQ(solo.answers.at(0).kind, Answer::Kind::accepted);
}

TEST(HandOver, GoesToTheOneThatWasNamed) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.store_all();
    solo.call(
        [](Consensus& consensus, Instant now) { consensus.hand_over(now, milliseconds(100), 3); });
    solo.acknowledge(2);
    EXPECT_TRUE(solo.sent<HandOver>().empty());
    solo.acknowledge(3);
    EXPECT_EQ(solo.sent<HandOver>(3).size(), 1U);
    EXPECT_TRUE(solo.sent<HandOver>(2).empty());
}

TEST(HandOver, MakesTheSuccessorCampaignAtOnce) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.forget();
    solo.receive(2, 4, HandOver{});
    EXPECT_EQ(solo->role(), Role::candidate);
    solo.store_all();
    EXPECT_TRUE(solo.sent<VoteRequest>().at(0).leader_gone);
    EXPECT_FALSE(solo.sent<VoteRequest>().at(0).pre);
}

TEST(HandOver, OfAnOlderTermIsIgnored) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.receive(3, 3, HandOver{});
    EXPECT_EQ(solo->role(), Role::follower);
}

TEST(GroupHandOver, LosesNothingAndTakesMilliseconds) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Group group({.count = seed % 2 == 0 ? 3U : 5U, .seed = seed});
        ASSERT_TRUE(group.elect());
        const NodeId old = group.serving();
        group.run_for(milliseconds(50));
        group.propose_many(old, 100);
        const Instant before = group.now();
        group.hand_over(old, milliseconds(500));
        ASSERT_TRUE(group.run_until([&] {
            const NodeId serving = group.serving();
            return serving != nobody && serving != old;
        })) << group.broken;
        EXPECT_LE(group.now() - before, milliseconds(20));
        for (const Answer& answer : group.node(old).answers) {
            EXPECT_NE(answer.kind, Answer::Kind::dropped);
        }
    }
}

}  // namespace
}  // namespace ftcore
