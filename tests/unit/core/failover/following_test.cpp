// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/core/failover/solo.hpp"

namespace ftcore {
namespace {

AppendRequest request(Index previous,
                      Term previous_term,
                      std::vector<Entry> entries,
                      Index commit = 0) {
    static std::uint64_t round = 0;
    return {.previous_index = previous,
            .previous_term = previous_term,
            .commit = commit,
            .round = ++round,
            .entries = std::move(entries)};
}

TEST(Follower, AcceptsWhenItIsOnDisk) {
    Solo solo;
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 3)));
    EXPECT_TRUE(solo.messages.empty());
    solo.stored({.written = 2, .synced = 1});
    EXPECT_TRUE(solo.messages.empty());
    solo.stored({.written = 2, .synced = 2});
    ASSERT_EQ(solo.sent<AppendReply>(2).size(), 1U);
    EXPECT_TRUE(solo.sent<AppendReply>(2)[0].accepted);
    EXPECT_EQ(solo.sent<AppendReply>(2)[0].match, 3U);
}

TEST(Follower, AcceptsWhenItIsWrittenBelowLevelHigh) {
    for (const Level level : {Level::medium, Level::low}) {
        Solo solo({.level = level});
        solo.receive(2, 1, request(0, 0, entries_of(1, 0, 3)));
        // The term needs the sync, the entries do not.
        solo.stored({.written = 2, .synced = 0});
        EXPECT_TRUE(solo.messages.empty());
        solo.stored({.written = 2, .synced = 1});
        EXPECT_EQ(solo.sent<AppendReply>(2).at(0).match, 3U);
    }
}

TEST(Follower, AnswersAHeartbeatAtOnceWithWhatIsDurable) {
    Solo solo;
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 3)));
    solo.store_all();
    solo.receive(2, 1, request(3, 1, entries_of(1, 3, 2)));
    solo.forget();
    solo.receive(2, 1, request(5, 1, {}));
    ASSERT_EQ(solo.sent<AppendReply>(2).size(), 1U);
    EXPECT_EQ(solo.sent<AppendReply>(2)[0].match, 3U);
}

TEST(Follower, AcknowledgesTogetherWhatOneSyncMadeDurable) {
    Solo solo;
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 1)));
    solo.receive(2, 1, request(1, 1, entries_of(1, 1, 1)));
    const AppendRequest last = request(2, 1, entries_of(1, 2, 1));
    solo.receive(2, 1, last);
    solo.store_all();
    ASSERT_EQ(solo.sent<AppendReply>(2).size(), 1U);
    EXPECT_EQ(solo.sent<AppendReply>(2)[0].match, 3U);
    EXPECT_EQ(solo.sent<AppendReply>(2)[0].round, last.round);
}

TEST(Follower, ClaimsOnlyWhatItHasComparedWithThisLeader) {
    Solo solo({.recovered = {.hard_state = {.term = 1}, .entries = entries_of(1, 0, 9)}});
    solo.receive(2, 2, request(4, 1, {}, 9));
    EXPECT_EQ(solo.sent<AppendReply>(2).at(0).match, 4U);
    EXPECT_EQ(solo->commit(), 4U);
}

TEST(Follower, TellsWhereTheDisagreementBegins) {
    auto entries = entries_of(1, 0, 3);
    for (Entry& entry : entries_of(2, 3, 4))
        entries.push_back(entry);
    Solo solo({.recovered = {.hard_state = {.term = 2}, .entries = entries}});
    solo.receive(2, 5, request(9, 4, {}));
    solo.receive(2, 5, request(6, 4, {}));
    const auto replies = solo.sent<AppendReply>(2);
    ASSERT_EQ(replies.size(), 2U);
    EXPECT_FALSE(replies[0].accepted);
    EXPECT_EQ(replies[0].conflict_index, 8U);
    EXPECT_EQ(replies[0].conflict_term, 0U);
    EXPECT_EQ(replies[1].conflict_index, 4U);
    EXPECT_EQ(replies[1].conflict_term, 2U);
}

TEST(Follower, ReplacesConflictingEntriesOnly) {
    Solo solo({.recovered = {.hard_state = {.term = 1}, .entries = entries_of(1, 0, 5)}});
    auto sent = entries_of(1, 2, 1);
    sent.push_back(entries_of(2, 3, 1)[0]);
    solo.receive(2, 2, request(2, 1, sent));
    ASSERT_EQ(solo.storage.size(), 2U);
    EXPECT_EQ(solo.storage[1].truncate_from, 4U);
    EXPECT_EQ(solo.storage[1].append.size(), 1U);
    EXPECT_EQ(solo->last_index(), 4U);
}

TEST(Follower, LetsALateRequestTakeNothingBack) {
    Solo solo;
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 1)));
    solo.receive(2, 1, request(1, 1, entries_of(1, 1, 3)));
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 2)));
    EXPECT_EQ(solo->last_index(), 4U);
    EXPECT_EQ(solo.storage.size(), 3U);
}

TEST(Follower, AppliesNoFurtherThanItKnows) {
    Solo solo;
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 3), 9));
    EXPECT_EQ(solo->commit(), 3U);
    EXPECT_EQ(solo.apply_to, 3U);
}

TEST(Follower, DeposesALeaderOfAnOlderTerm) {
    Solo solo({.recovered = {.hard_state = {.term = 6}}});
    solo.receive(2, 5, request(0, 0, entries_of(5, 0, 1)));
    ASSERT_EQ(solo.messages.size(), 1U);
    EXPECT_EQ(solo.messages[0].term, 6U);
    EXPECT_FALSE(solo.sent<AppendReply>(2).at(0).accepted);
    EXPECT_EQ(solo->last_index(), 0U);
}

TEST(Follower, SaysNothingOfAnOldTermInANewOne) {
    Solo solo;
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 3)));
    solo.receive(3, 2, request(0, 0, {}));
    solo.forget();
    solo.store_all();
    EXPECT_TRUE(solo.messages.empty());
}

TEST(BrokenDisk, AcceptsNothingAndVotesForNobody) {
    Solo solo;
    solo.receive(2, 1, request(0, 0, entries_of(1, 0, 1)));
    solo.call([](Consensus& consensus, Instant now) { consensus.storage_failed(now); });
    solo.forget();
    solo.store_all();
    solo.receive(2, 1, request(1, 1, entries_of(1, 1, 1)));
    solo.receive(2, 1, request(1, 1, {}));
    EXPECT_TRUE(solo.sent<AppendReply>().empty());
    solo.receive(3, 9, VoteRequest{.leader_gone = true, .last_index = 9, .last_term = 8});
    EXPECT_FALSE(solo.sent<VoteReply>(3).at(0).granted);
    solo.forget();
    solo.call([](Consensus& consensus, Instant now) {
        consensus.storage_repaired(now, {.written = 2, .synced = 2});
    });
    EXPECT_EQ(solo.sent<AppendReply>(2).at(0).match, 1U);
}

TEST(BrokenDisk, MakesALeaderHandOverAndStepDownAtOnce) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.acknowledge(3);
    solo.forget();
    solo.call([](Consensus& consensus, Instant now) { consensus.storage_failed(now); });
    EXPECT_EQ(solo->role(), Role::follower);
    EXPECT_EQ(solo.sent<HandOver>(3).size(), 1U);
    EXPECT_EQ(solo.answers.at(0).kind, Answer::Kind::dropped);
    solo.wait(std::chrono::seconds(2));
    EXPECT_TRUE(solo.sent<VoteRequest>().empty());
}

TEST(DamagedLog, NeitherVotesNorCampaignsBeforeItIsWhole) {
    Solo solo({.recovered = {
                   .hard_state = {.term = 1}, .entries = entries_of(1, 0, 2), .must_reach = 4}});
    solo.wait(std::chrono::seconds(2));
    solo.receive(3, 9, VoteRequest{.last_index = 9, .last_term = 8});
    EXPECT_TRUE(solo.sent<VoteRequest>().empty());
    EXPECT_FALSE(solo.sent<VoteReply>(3).at(0).granted);
    solo.receive(2, 2, request(2, 1, entries_of(1, 2, 2)));
    solo.store_all();
    EXPECT_EQ(solo.sent<AppendReply>(2).at(0).match, 4U);
    solo.receive(3, 9, VoteRequest{.leader_gone = true, .last_index = 9, .last_term = 8});
    solo.store_all();
    EXPECT_TRUE(solo.sent<VoteReply>(3).at(1).granted);
}

}  // namespace
}  // namespace ftcore
