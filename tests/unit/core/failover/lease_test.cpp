// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/core/failover/solo.hpp"
#include "tests/unit/core/failover/storm.hpp"

namespace ftcore {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(Lease, RunsFromTheSendingOfTheRoundThatAQuorumAnswered) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    const Instant sent = solo.now();
    solo.wait(milliseconds(3));
    solo.acknowledge(2);
    EXPECT_EQ(solo->lease_until(), sent + milliseconds(4));
}

TEST(Read, IsAnsweredAtOnceWhileTheLeaseHolds) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.acknowledge(2);
    solo.forget();
    solo.read(9);
    ASSERT_EQ(solo.answers.size(), 1U);
    EXPECT_EQ(solo.answers[0].kind, Answer::Kind::readable);
    EXPECT_EQ(solo.answers[0].index, 1U);
    EXPECT_TRUE(solo.messages.empty());
}

TEST(Read, OtherwiseTakesOneRoundForAllThatCameTogether) {
    Solo solo;
    solo.serve();
    solo.wait(milliseconds(5));
    solo.forget();
    solo.call([](Consensus& consensus, Instant now) {
        for (std::uint64_t token = 1; token <= 10; ++token)
            consensus.read(now, token);
    });
    EXPECT_TRUE(solo.answers.empty());
    EXPECT_EQ(solo.messages.size(), 2U);
    // An answer to something older does not do.
    solo.receive(3, 1, AppendReply{.accepted = true, .match = 1, .round = 2});
    EXPECT_TRUE(solo.answers.empty());
    solo.wait(milliseconds(4));
    solo.acknowledge(3);
    EXPECT_EQ(solo.answers.size(), 10U);
}

TEST(Read, ThatCameWhileARoundWasOutWaitsForTheNext) {
    Solo solo;
    solo.serve();
    solo.wait(milliseconds(5));
    solo.forget();
    solo.read(1);
    const AppendRequest first = solo.sent<AppendRequest>(2).at(0);
    solo.wait(milliseconds(4));
    solo.read(2);
    solo.forget();
    // Late enough that the answer gives no lease any more.
    solo.receive(2, 1, AppendReply{.accepted = true, .match = 1, .round = first.round});
    ASSERT_EQ(solo.answers.size(), 1U);
    EXPECT_EQ(solo.answers[0].token, 1U);
    ASSERT_EQ(solo.sent<AppendRequest>(2).size(), 1U);
    solo.acknowledge(2);
    EXPECT_EQ(solo.answers.at(1).token, 2U);
}

TEST(Read, IsRefusedByAFollower) {
    Solo solo;
    solo.read(3);
    EXPECT_EQ(solo.answers.at(0).kind, Answer::Kind::not_leader);
}

TEST(Promise, IsToldWithTheVoteAndRunsDown) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.receive(3, 5, VoteRequest{.leader_gone = true});
    solo.wait(milliseconds(1));
    solo.store_all();
    const Duration left = solo.sent<VoteReply>(3).at(0).promise_left;
    // 4 ms and a twentieth, less the millisecond that the disk took.
    EXPECT_GE(left, microseconds(3200));
    EXPECT_LE(left, microseconds(3201));
}

TEST(Promise, IsAssumedAfterARestart) {
    Solo solo({.recovered = {.hard_state = {.term = 4}}});
    solo.receive(3, 5, VoteRequest{});
    solo.store_all();
    EXPECT_GE(solo.sent<VoteReply>(3).at(0).promise_left, microseconds(4200));
}

TEST(Promise, OfAVoterKeepsTheWinnerFromServing) {
    Solo solo;
    solo.tick_when_due();
    solo.receive(2, 0, VoteReply{.pre = true, .granted = true});
    solo.store_all();
    solo.receive(2, 1, VoteReply{.granted = true, .promise_left = milliseconds(3)});
    solo.propose({"a"});
    solo.read(5);
    solo.store_all();
    solo.acknowledge(2);
    EXPECT_EQ(solo->commit(), 2U);
    EXPECT_FALSE(solo->serving());
    EXPECT_EQ(solo.apply_to, std::nullopt);
    solo.forget();
    solo.wait(milliseconds(3));
    EXPECT_TRUE(solo->serving());
    EXPECT_EQ(solo.apply_to, 2U);
    EXPECT_EQ(solo.answers.at(0).kind, Answer::Kind::readable);
}

TEST(Promise, OfItsOwnKeepsTheWinnerFromServing) {
    Solo solo;
    solo.receive(3, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.suspect(3, Suspicion::confirmed);
    const Instant promised = solo.now();
    solo.elect();
    solo.receive(2, 5, AppendReply{.accepted = true, .match = 1, .round = 1});
    EXPECT_FALSE(solo->serving());
    solo.wait(promised + microseconds(4201) - solo.now());
    EXPECT_TRUE(solo->serving());
}

TEST(GroupLease, AnOldLeaderReadsNothingStaleBehindAPartition) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Group group({.seed = seed});
        partition_storm(group);
        EXPECT_EQ(group.broken, "");
    }
}

}  // namespace
}  // namespace ftcore
