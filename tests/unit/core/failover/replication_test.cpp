// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/core/failover/group.hpp"
#include "tests/unit/core/failover/solo.hpp"

namespace ftcore {
namespace {

using std::chrono::milliseconds;

TEST(Replication, MakesOfABatchOneStepAndOneRequestForEveryPeer) {
    Solo solo;
    solo.serve();
    solo.propose(std::vector<std::string>(64, "x"));
    ASSERT_EQ(solo.storage.size(), 1U);
    EXPECT_EQ(solo.storage[0].append.size(), 64U);
    EXPECT_EQ(solo.messages.size(), 2U);
    EXPECT_EQ(solo.sent<AppendRequest>(2).at(0).entries.size(), 64U);
    ASSERT_EQ(solo.answers.size(), 64U);
    EXPECT_EQ(solo.answers[63].kind, Answer::Kind::accepted);
    EXPECT_EQ(solo.answers[63].index, 65U);
}

TEST(Replication, CommitsWhatAQuorumHasOnDisk) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    // The leader counts itself only when its own disk has it.
    solo.acknowledge(2);
    EXPECT_EQ(solo->commit(), 1U);
    solo.store_all();
    EXPECT_EQ(solo->commit(), 2U);
    EXPECT_EQ(solo.apply_to, 2U);
}

TEST(Replication, CommitsWithoutItsOwnDiskWhenTheOthersHaveIt) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.acknowledge(2);
    solo.acknowledge(3);
    EXPECT_EQ(solo->commit(), 2U);
}

TEST(Replication, SendsNoMoreThanAFewMegabytesAheadOfTheAnswers) {
    Solo solo;
    solo.serve();
    const std::string megabyte(1 << 20, 'x');
    for (int entry = 0; entry < 40; ++entry)
        solo.propose({megabyte});
    const auto sent_to = [&solo](NodeId peer) {
        std::size_t bytes = 0;
        for (const AppendRequest& request : solo.sent<AppendRequest>(peer)) {
            for (const Entry& entry : request.entries)
                bytes += entry.data.size();
        }
        return bytes;
    };
    EXPECT_LE(sent_to(2), std::size_t{9} << 20);
    const std::size_t before = sent_to(2);
    solo.acknowledge(2);
    EXPECT_GT(sent_to(2), before) << "an answer makes room";
}

TEST(Replication, CountsWrittenEntriesAtLevelMedium) {
    Solo solo({.level = Level::medium});
    solo.serve();
    solo.propose({"a"});
    solo.acknowledge(2);
    solo.stored({.written = 1000, .synced = 0});
    EXPECT_EQ(solo->commit(), 2U);
}

TEST(Replication, AppliesWhatItHasWrittenItselfAtLevelLow) {
    Solo solo({.level = Level::low});
    solo.serve();
    solo.propose({"a"});
    EXPECT_EQ(solo.apply_to, std::nullopt);
    solo.stored({.written = 1000, .synced = 0});
    EXPECT_EQ(solo->commit(), 1U);
    EXPECT_EQ(solo.apply_to, 2U);
}

TEST(Replication, RebuildsWhenALowLeaderAppliedTooMuch) {
    Solo solo({.level = Level::low});
    solo.serve();
    solo.propose({"a"});
    solo.store_all();
    solo.receive(
        2, 5, AppendRequest{.previous_index = 1, .previous_term = 1, .commit = 1, .round = 1});
    EXPECT_EQ(solo.rebuilds, 1);
    EXPECT_EQ(solo.apply_to, 1U);
}

TEST(Replication, CommitsNoEntryOfAnOlderTermByCounting) {
    Solo solo({.recovered = {.hard_state = {.term = 1}, .entries = entries_of(1, 0, 1)}});
    solo.elect();
    solo.receive(2, 2, AppendReply{.accepted = true, .match = 1, .round = 1});
    solo.receive(3, 2, AppendReply{.accepted = true, .match = 1, .round = 1});
    EXPECT_EQ(solo->commit(), 0U);
    solo.receive(2, 2, AppendReply{.accepted = true, .match = 2, .round = 1});
    EXPECT_EQ(solo->commit(), 2U);
}

TEST(Replication, KeepsAtMostAWindowInFlight) {
    Solo solo;
    solo.serve();
    for (int sent = 0; sent < 100; ++sent)
        solo.propose({"x"});
    EXPECT_EQ(solo.sent<AppendRequest>(2).size(), 64U);
    solo.messages.clear();
    solo.receive(2, 1, AppendReply{.accepted = true, .match = 3, .round = 5});
    // Two places are free; what waits shares the first.
    ASSERT_EQ(solo.sent<AppendRequest>(2).size(), 1U);
    EXPECT_EQ(solo.sent<AppendRequest>(2)[0].entries.size(), 36U);
}

TEST(Replication, SplitsWhatIsTooLargeForOneMessage) {
    Solo solo;
    solo.serve();
    solo.propose(
        {std::string(700'000, 'a'), std::string(700'000, 'b'), std::string(3'000'000, 'c')});
    const auto requests = solo.sent<AppendRequest>(2);
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[1].previous_index, 2U);
    EXPECT_EQ(requests[2].entries.at(0).data.size(), 3'000'000U);
}

TEST(Replication, BacksOverAWholeTermWithEachRefusal) {
    auto entries = entries_of(1, 0, 10);
    for (Entry& entry : entries_of(4, 10, 10))
        entries.push_back(entry);
    Solo solo({.recovered = {.hard_state = {.term = 4}, .entries = entries}});
    solo.elect();
    const Term term = solo->term();
    // 2 has ten entries of term 1, then many of term 2.
    solo.receive(2, term, AppendReply{.conflict_index = 11, .conflict_term = 2, .round = 1});
    ASSERT_EQ(solo.sent<AppendRequest>(2).size(), 1U);
    EXPECT_EQ(solo.sent<AppendRequest>(2)[0].previous_index, 10U);
    EXPECT_TRUE(solo.sent<AppendRequest>(2)[0].entries.empty());
    // A second refusal of something sent before the first one says nothing new.
    solo.receive(2, term, AppendReply{.conflict_index = 1, .conflict_term = 2, .round = 1});
    EXPECT_EQ(solo.sent<AppendRequest>(2).size(), 1U);
    const auto probe = solo.sent<AppendRequest>(2)[0].round;
    solo.receive(2, term, AppendReply{.accepted = true, .match = 10, .round = probe});
    ASSERT_EQ(solo.sent<AppendRequest>(2).size(), 2U);
    EXPECT_EQ(solo.sent<AppendRequest>(2)[1].entries.size(), 11U);
}

TEST(Replication, SendsAgainOverANewConnection) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.propose({"b"});
    solo.forget();
    solo.call([](Consensus& consensus, Instant now) { consensus.reconnected(now, 3); });
    ASSERT_EQ(solo.sent<AppendRequest>(3).size(), 1U);
    const AppendRequest probe = solo.sent<AppendRequest>(3)[0];
    EXPECT_EQ(probe.previous_index, 1U);
    solo.receive(3, 1, AppendReply{.accepted = true, .match = 1, .round = probe.round});
    EXPECT_EQ(solo.sent<AppendRequest>(3).at(1).entries.size(), 2U);
}

TEST(Replication, GivesAWitnessNoData) {
    Solo solo({.witnesses = {3}});
    solo.serve();
    solo.propose({"secret"});
    EXPECT_EQ(solo.sent<AppendRequest>(2).at(0).entries.at(0).data, "secret");
    const Entry bare = solo.sent<AppendRequest>(3).at(0).entries.at(0);
    EXPECT_EQ(bare.data, "");
    EXPECT_EQ(bare.kind, EntryKind::command);
    EXPECT_EQ(bare.term, 1U);
}

TEST(Replication, RefusesWhatIsProposedToAFollower) {
    Solo solo;
    solo.receive(2, 4, AppendRequest{.round = 1});
    solo.propose({"a", "b"});
    ASSERT_EQ(solo.answers.size(), 2U);
    EXPECT_EQ(solo.answers[0].kind, Answer::Kind::not_leader);
    EXPECT_EQ(solo->last_index(), 0U);
}

TEST(Replication, DropsWhatANewLeaderMayReplaceBeforeItAppliesIt) {
    Solo solo;
    solo.serve();
    solo.propose({"mine"});
    solo.store_all();
    solo.forget();
    solo.receive(3,
                 2,
                 AppendRequest{.previous_index = 1,
                               .previous_term = 1,
                               .commit = 2,
                               .round = 1,
                               .entries = entries_of(2, 1, 1)});
    ASSERT_EQ(solo.answers.size(), 1U);
    EXPECT_EQ(solo.answers[0].kind, Answer::Kind::dropped);
    EXPECT_EQ(solo.answers[0].index, 2U);
    EXPECT_EQ(solo.apply_to, 2U);
    EXPECT_EQ(solo->entry(2).data, "d2");
    EXPECT_EQ(solo.storage.back().truncate_from, 2U);
}

TEST(Group, ReplicatesThroughLossAndDisorder) {
    Group group({.seed = 5, .jitter = milliseconds(5), .loss = 0.2});
    ASSERT_TRUE(group.elect());
    for (int batch = 0; batch < 50; ++batch) {
        const NodeId leader = group.serving();
        if (leader != nobody) group.propose_many(leader, 10);
        group.run_for(milliseconds(3));
    }
    EXPECT_TRUE(group.run_until([&] { return group.converged(); })) << group.broken;
    EXPECT_GE(group[1].commit(), 400U);
}

}  // namespace
}  // namespace ftcore
