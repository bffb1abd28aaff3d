// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/unit/core/failover/group.hpp"
#include "tests/unit/core/failover/solo.hpp"

namespace ftcore {
namespace {

using std::chrono::milliseconds;

TEST(Election, AsksBeforeItCampaigns) {
    Solo solo;
    solo.tick_when_due();
    const auto requests = solo.sent<VoteRequest>();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_TRUE(requests[0].pre);
    EXPECT_EQ(solo.messages[0].term, 1U);
    EXPECT_EQ(solo->term(), 0U);
    EXPECT_TRUE(solo.storage.empty());
}

TEST(Election, AsksForVotesWhenItsOwnIsSynced) {
    Solo solo;
    solo.tick_when_due();
    solo.forget();
    solo.receive(2, 0, VoteReply{.pre = true, .granted = true});
    EXPECT_EQ(solo->role(), Role::candidate);
    ASSERT_EQ(solo.storage.size(), 1U);
    EXPECT_EQ(solo.storage[0].hard_state, (HardState{.term = 1, .vote = 1}));
    EXPECT_TRUE(solo.messages.empty());
    solo.stored({.written = 1, .synced = 0});
    EXPECT_TRUE(solo.messages.empty());
    solo.stored({.written = 1, .synced = 1});
    EXPECT_EQ(solo.sent<VoteRequest>().size(), 2U);
    EXPECT_FALSE(solo.sent<VoteRequest>().at(0).pre);
}

TEST(Election, WinnerAppendsAnEntryOfItsTermAtOnce) {
    Solo solo;
    solo.tick_when_due();
    solo.receive(2, 0, VoteReply{.pre = true, .granted = true});
    solo.store_all();
    solo.forget();
    solo.receive(3, 1, VoteReply{.granted = true});
    EXPECT_EQ(solo->role(), Role::leader);
    EXPECT_FALSE(solo->serving());
    ASSERT_EQ(solo.storage.size(), 1U);
    EXPECT_EQ(solo.storage[0].append.at(0).kind, EntryKind::no_op);
    // In parallel with its own disk.
    EXPECT_EQ(solo.sent<AppendRequest>().size(), 2U);
}

TEST(Voter, GrantsOnlyWhenTheVoteIsSynced) {
    for (const Level level : {Level::high, Level::medium, Level::low}) {
        Solo solo({.level = level});
        solo.receive(2, 5, VoteRequest{});
        EXPECT_TRUE(solo.messages.empty());
        ASSERT_EQ(solo.storage.size(), 1U);
        EXPECT_EQ(solo.storage[0].hard_state, (HardState{.term = 5, .vote = 2}));
        solo.stored({.written = 1, .synced = 0});
        EXPECT_TRUE(solo.messages.empty());
        solo.stored({.written = 1, .synced = 1});
        ASSERT_EQ(solo.sent<VoteReply>(2).size(), 1U);
        EXPECT_TRUE(solo.sent<VoteReply>(2)[0].granted);
    }
}

TEST(Voter, VotesOnceInATerm) {
    Solo solo;
    solo.receive(2, 5, VoteRequest{});
    solo.store_all();
    solo.forget();
    solo.receive(3, 5, VoteRequest{.last_index = 9, .last_term = 4});
    ASSERT_EQ(solo.sent<VoteReply>(3).size(), 1U);
    EXPECT_FALSE(solo.sent<VoteReply>(3)[0].granted);
    // The same one may ask again: its answer got lost.
    solo.receive(2, 5, VoteRequest{});
    EXPECT_TRUE(solo.sent<VoteReply>(2).at(0).granted);
    EXPECT_TRUE(solo.storage.empty());
}

TEST(Voter, RemembersItsVoteAfterARestart) {
    Solo solo({.recovered = {.hard_state = {.term = 5, .vote = 2}}});
    solo.receive(3, 5, VoteRequest{.last_index = 9, .last_term = 4});
    EXPECT_FALSE(solo.sent<VoteReply>(3).at(0).granted);
}

TEST(Voter, DeniesALogThatIsBehindItsOwn) {
    Solo solo({.recovered = {.hard_state = {.term = 3}, .entries = entries_of(3, 0, 4)}});
    solo.receive(2, 9, VoteRequest{.pre = true, .last_index = 9, .last_term = 2});
    solo.receive(2, 9, VoteRequest{.pre = true, .last_index = 3, .last_term = 3});
    solo.receive(2, 9, VoteRequest{.pre = true, .last_index = 4, .last_term = 3});
    solo.receive(2, 9, VoteRequest{.pre = true, .last_index = 1, .last_term = 4});
    const auto replies = solo.sent<VoteReply>(2);
    ASSERT_EQ(replies.size(), 4U);
    EXPECT_FALSE(replies[0].granted);
    EXPECT_FALSE(replies[1].granted);
    EXPECT_TRUE(replies[2].granted);
    EXPECT_TRUE(replies[3].granted);
    EXPECT_EQ(solo->term(), 3U);
}

TEST(Voter, ProtectsALeaderThatItHears) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.forget();
    solo.receive(3, 5, VoteRequest{.pre = true});
    solo.receive(3, 5, VoteRequest{});
    EXPECT_EQ(solo->term(), 4U);
    EXPECT_EQ(solo->leader(), 2U);
    EXPECT_FALSE(solo.sent<VoteReply>(3).at(0).granted);
    EXPECT_FALSE(solo.sent<VoteReply>(3).at(1).granted);
}

TEST(Voter, GrantsWhenTheLeaderIsSurelyGone) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.forget();
    solo.receive(3, 5, VoteRequest{.leader_gone = true});
    solo.store_all();
    ASSERT_EQ(solo.sent<VoteReply>(3).size(), 1U);
    EXPECT_TRUE(solo.sent<VoteReply>(3)[0].granted);
}

/// A follower of 2 that 3 asks for a vote because 2 is gone.
Solo asked_about_a_leader_that_is_gone() {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.forget();
    solo.receive(3, 5, VoteRequest{.pre = true, .leader_gone = true, .attempt = 6});
    EXPECT_TRUE(solo.messages.empty()) << "the next message, or its own detectors, will tell";
    return solo;
}

TEST(Voter, TurnsAwayWhoCallsALeaderGoneThatStillSpeaks) {
    Solo solo = asked_about_a_leader_that_is_gone();
    solo.receive(2, 4, AppendRequest{.round = 2});
    ASSERT_EQ(solo.sent<VoteReply>(3).size(), 1U);
    EXPECT_EQ(solo.sent<VoteReply>(3)[0], (VoteReply{.pre = true, .attempt = 6}));
    EXPECT_EQ(solo->leader(), 2U);
}

TEST(Voter, BelievesThatTheLeaderIsGoneWhenItsOwnDetectorsSayTheSame) {
    Solo solo = asked_about_a_leader_that_is_gone();
    solo.suspect(2, Suspicion::suspected);
    ASSERT_EQ(solo.sent<VoteReply>(3).size(), 1U);
    EXPECT_EQ(solo.sent<VoteReply>(3)[0], (VoteReply{.pre = true, .granted = true, .attempt = 6}));
    solo.forget();
    solo.wait(milliseconds(3));
    EXPECT_TRUE(solo.sent<VoteRequest>().empty()) << "whom it has granted goes first";
}

TEST(Voter, BelievesThatTheLeaderIsGoneAfterTwoHeartbeatsOfSilence) {
    Solo solo = asked_about_a_leader_that_is_gone();
    const Instant asked = solo.now();
    solo.tick_when_due();
    EXPECT_EQ(solo.now() - asked, milliseconds(20));
    EXPECT_TRUE(solo.sent<VoteReply>(3).at(0).granted);
}

TEST(Candidate, CountsNoAnswerToAnEarlierQuestion) {
    Solo solo;
    solo.tick_when_due();
    const std::uint64_t first = solo.sent<VoteRequest>().at(0).attempt;
    solo.forget();
    solo.tick_when_due();
    const std::uint64_t second = solo.sent<VoteRequest>().at(0).attempt;
    EXPECT_NE(first, second);
    solo.receive(2, 0, VoteReply{.pre = true, .granted = true, .attempt = first});
    EXPECT_EQ(solo->role(), Role::follower);
    solo.receive(2, 0, VoteReply{.pre = true, .granted = true, .attempt = second});
    EXPECT_EQ(solo->role(), Role::candidate);
}

TEST(GroupElection, OneBrokenLinkUnseatsNobodyHoweverOftenItIsCalledADeath) {
    Group group({});
    ASSERT_TRUE(group.elect());
    group.run_for(milliseconds(100));
    const NodeId leader = group.serving();
    const NodeId other = leader % 3 + 1;
    const Term term = group[leader].term();
    for (int flap = 0; flap < 20; ++flap) {
        group.cut(leader, other, true);
        group.suspect(other, leader, Suspicion::confirmed);
        group.run_for(milliseconds(200));
        group.cut(leader, other, false);
        group.run_for(milliseconds(200));
    }
    EXPECT_EQ(group.serving(), leader);
    EXPECT_EQ(group[leader].term(), term);
}

TEST(Voter, GrantsWhileItSuspectsTheLeaderItself) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.suspect(2, Suspicion::suspected);
    solo.forget();
    solo.receive(3, 5, VoteRequest{.pre = true, .last_index = 1});
    EXPECT_TRUE(solo.sent<VoteReply>(3).at(0).granted);
    solo.receive(2, 4, AppendRequest{.round = 2});
    solo.receive(3, 5, VoteRequest{.pre = true, .last_index = 1});
    EXPECT_FALSE(solo.sent<VoteReply>(3).at(1).granted);
}

TEST(Suspicion, StartsAQuickCandidacy) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    const Instant before = solo.now();
    solo.suspect(2, Suspicion::confirmed);
    solo.forget();
    EXPECT_LE(solo->deadline() - before, milliseconds(1));
    solo.tick_when_due();
    ASSERT_EQ(solo.sent<VoteRequest>().size(), 2U);
    EXPECT_TRUE(solo.sent<VoteRequest>()[0].leader_gone);
    EXPECT_EQ(solo->leader(), 2U);
}

TEST(Suspicion, OfSomebodyElseIsIgnored) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    const Instant deadline = solo->deadline();
    solo.suspect(3, Suspicion::confirmed);
    EXPECT_EQ(solo->deadline(), deadline);
}

TEST(Candidate, TriesAgainSoonAfterARefusalAndThenLater) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.store_all();
    solo.suspect(2, Suspicion::suspected);
    Duration longest{};
    for (int attempt = 0; attempt < 12; ++attempt) {
        solo.tick_when_due();
        ASSERT_EQ(solo->term(), 4U);
        solo.receive(3, 4, VoteReply{.pre = true});
        longest = std::max(longest, solo->deadline() - solo.now());
        if (attempt == 0) {
            EXPECT_LE(longest, milliseconds(8));
        }
        EXPECT_LE(longest, milliseconds(304));
    }
    EXPECT_GT(longest, milliseconds(30));
}

TEST(Candidate, LetsItsEqualWithTheLowerIdGoFirst) {
    const auto asked_by_equal = [](NodeId self, NodeId other) {
        Solo solo({.self = self});
        solo.tick_when_due();
        solo.receive(other, 1, VoteRequest{.pre = true});
        return solo.sent<VoteReply>(other).at(0).granted;
    };
    EXPECT_FALSE(asked_by_equal(1, 2));
    EXPECT_TRUE(asked_by_equal(2, 1));
}

TEST(Candidate, FollowsAHigherTerm) {
    Solo solo;
    solo.tick_when_due();
    solo.receive(2, 7, VoteReply{.pre = true});
    EXPECT_EQ(solo->role(), Role::follower);
    EXPECT_EQ(solo->term(), 7U);
}

TEST(Candidate, AsksAgainOverANewConnection) {
    Solo solo;
    solo.tick_when_due();
    solo.receive(2, 0, VoteReply{.pre = true, .granted = true});
    solo.store_all();
    solo.forget();
    solo.call([](Consensus& consensus, Instant now) { consensus.reconnected(now, 3); });
    EXPECT_EQ(solo.sent<VoteRequest>(3).size(), 1U);
}

TEST(Leader, StepsDownWithoutAQuorum) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.read(77);
    solo.forget();
    solo.wait(milliseconds(299));
    EXPECT_EQ(solo->role(), Role::follower);
    EXPECT_EQ(solo->term(), 1U);
    EXPECT_EQ(solo->leader(), nobody);
    ASSERT_EQ(solo.answers.size(), 2U);
    EXPECT_EQ(solo.answers[0].kind, Answer::Kind::dropped);
    EXPECT_EQ(solo.answers[0].index, 2U);
    EXPECT_EQ(solo.answers[1].kind, Answer::Kind::not_leader);
}

TEST(Leader, ThatWasStoppedAcknowledgesNothingWhenItGoesOn) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    // Stopped for a second; the answers to what it sent before lie in its sockets.
    const auto round = solo.sent<AppendRequest>(2).back().round;
    solo.call([&](Consensus& consensus, Instant now) {
        consensus.receive(now + std::chrono::seconds(1),
                          {.from = 2,
                           .to = 1,
                           .term = 1,
                           .body = AppendReply{.accepted = true, .match = 2, .round = round}});
    });
    EXPECT_EQ(solo->role(), Role::follower);
    EXPECT_EQ(solo->commit(), 1U);
    ASSERT_EQ(solo.answers.size(), 2U);
    EXPECT_EQ(solo.answers[1].kind, Answer::Kind::dropped);
}

TEST(Leader, IsNotUnseatedByAQuestion) {
    Solo solo;
    solo.serve();
    solo.receive(
        3, 2, VoteRequest{.pre = true, .leader_gone = true, .last_index = 9, .last_term = 1});
    solo.receive(3, 2, VoteRequest{.last_index = 9, .last_term = 1});
    EXPECT_EQ(solo->role(), Role::leader);
    solo.receive(3, 2, VoteRequest{.leader_gone = true, .last_index = 9, .last_term = 1});
    EXPECT_EQ(solo->role(), Role::follower);
}

TEST(Witness, VotesButNeverCampaigns) {
    Solo solo({.witnesses = {1}});
    solo.wait(std::chrono::seconds(5));
    EXPECT_TRUE(solo.messages.empty());
    solo.receive(2, 5, VoteRequest{});
    solo.store_all();
    EXPECT_TRUE(solo.sent<VoteReply>(2).at(0).granted);
}

TEST(GroupElection, FollowersThatAreSureReplaceADeadLeaderInMilliseconds) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        Group group({.count = seed % 2 == 0 ? 3U : 5U, .seed = seed});
        ASSERT_TRUE(group.elect()) << group.broken;
        group.run_for(milliseconds(100));
        const NodeId dead = group.serving();
        group.crash(dead);
        const Instant crashed = group.now();
        group.suspect_everywhere(dead, Suspicion::confirmed);
        ASSERT_TRUE(group.elect()) << group.broken;
        // One tie-break, two syncs for the votes, one for the first entry, the old promise; rarely
        // a collision.
        EXPECT_LE(group.now() - crashed, milliseconds(30)) << "seed " << seed;
    }
}

TEST(GroupElection, AMemberThatWasCutOffDisturbsNobody) {
    Group group({});
    ASSERT_TRUE(group.elect());
    const NodeId leader = group.serving();
    const Term term = group[leader].term();
    const NodeId other = leader % 3 + 1;
    group.isolate(other, true);
    group.run_for(std::chrono::seconds(5));
    group.isolate(other, false);
    group.run_for(std::chrono::seconds(1));
    EXPECT_EQ(group.serving(), leader);
    EXPECT_EQ(group[leader].term(), term);
}

}  // namespace
}  // namespace ftcore
