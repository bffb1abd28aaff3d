// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/core/failover/group.hpp"
#include "tests/unit/core/failover/solo.hpp"

namespace ftcore {
namespace {

using std::chrono::milliseconds;

SnapshotChunk piece(std::uint64_t offset, std::string data, bool last) {
    return {.mark = {.index = 20, .term = 3},
            .offset = offset,
            .last = last,
            .round = offset + 1,
            .data = data};
}

TEST(Snapshot, IsAskedForWhenTheLogNoLongerReachesBack) {
    Solo solo({.recovered = {.hard_state = {.term = 3}, .snapshot = {.index = 20, .term = 3}}});
    solo.elect();
    solo.receive(2, 4, AppendReply{.conflict_index = 5, .round = 1});
    ASSERT_EQ(solo.wanted.size(), 1U);
    EXPECT_EQ(solo.wanted[0].to, 2U);
    EXPECT_EQ(solo.wanted[0].offset, 0U);
    const auto give = [&](SnapshotChunk chunk) {
        solo.call(
            [&](Consensus& consensus, Instant now) { consensus.snapshot_piece(now, 2, chunk); });
    };
    give(piece(0, "abc", false));
    ASSERT_EQ(solo.sent<SnapshotChunk>(2).size(), 1U);
    solo.receive(2, 4, SnapshotReply{.mark = {20, 3}, .next_offset = 3, .round = 3});
    EXPECT_EQ(solo.wanted.at(1).offset, 3U);
    give(piece(3, "de", true));
    EXPECT_TRUE(solo.sent<SnapshotChunk>(2).at(1).last);
    solo.forget();
    solo.receive(2, 4, SnapshotReply{.mark = {20, 3}, .next_offset = 5, .done = true, .round = 4});
    EXPECT_EQ(solo.sent<AppendRequest>(2).at(0).previous_index, 20U);
}

TEST(Snapshot, StartsAgainWhenANewerOneReplacesIt) {
    Solo solo({.recovered = {.hard_state = {.term = 3}, .snapshot = {.index = 20, .term = 3}}});
    solo.elect();
    solo.receive(2, 4, AppendReply{.conflict_index = 5, .round = 1});
    const auto give = [&](SnapshotChunk chunk) {
        solo.call(
            [&](Consensus& consensus, Instant now) { consensus.snapshot_piece(now, 2, chunk); });
    };
    give(piece(0, "abc", false));
    solo.receive(2, 4, SnapshotReply{.mark = {20, 3}, .next_offset = 3, .round = 3});
    SnapshotChunk newer = piece(3, "xyz", false);
    newer.mark = {.index = 21, .term = 4};
    give(newer);
    EXPECT_EQ(solo.sent<SnapshotChunk>(2).size(), 1U);
    EXPECT_EQ(solo.wanted.back().offset, 0U);
}

TEST(Snapshot, TakesTheLogsPlaceWhenItIsOnDisk) {
    Solo solo({.recovered = {.hard_state = {.term = 4}, .entries = entries_of(1, 0, 5)}});
    solo.receive(2, 4, piece(0, "abc", false));
    EXPECT_TRUE(solo.sent<SnapshotReply>().empty());
    solo.store_all();
    EXPECT_EQ(solo.sent<SnapshotReply>(2).at(0).next_offset, 3U);
    EXPECT_EQ(solo.rebuilds, 0);
    solo.receive(2, 4, piece(3, "de", true));
    EXPECT_EQ(solo->last_index(), 5U);
    solo.store_all();
    EXPECT_EQ(solo.rebuilds, 1);
    EXPECT_EQ(solo->snapshot(), (SnapshotMark{20, 3}));
    EXPECT_EQ(solo->commit(), 20U);
    EXPECT_EQ(solo->last_index(), 20U);
    EXPECT_TRUE(solo.sent<SnapshotReply>(2).at(1).done);
    // The log goes on behind it.
    solo.receive(
        2,
        4,
        AppendRequest{
            .previous_index = 20, .previous_term = 3, .round = 9, .entries = entries_of(4, 20, 1)});
    solo.store_all();
    EXPECT_EQ(solo.sent<AppendReply>(2).at(0).match, 21U);
}

TEST(Snapshot, PiecesThatComeTwiceOrOutOfOrderDoNoHarm) {
    Solo solo;
    solo.receive(2, 4, piece(3, "de", true));
    EXPECT_EQ(solo.sent<SnapshotReply>(2).at(0).next_offset, 0U);
    solo.receive(2, 4, piece(0, "abc", false));
    solo.receive(2, 4, piece(0, "abc", false));
    solo.store_all();
    solo.forget();
    solo.receive(2, 4, piece(0, "abc", false));
    EXPECT_TRUE(solo.storage.empty());
    EXPECT_EQ(solo.sent<SnapshotReply>(2).at(0).next_offset, 3U);
}

TEST(Snapshot, FromAnotherLeaderBeginsAgain) {
    Solo solo;
    solo.receive(2, 4, piece(0, "abc", false));
    solo.store_all();
    solo.forget();
    solo.receive(3, 5, piece(3, "de", true));
    solo.store_all();
    EXPECT_EQ(solo.sent<SnapshotReply>(3).at(0).next_offset, 0U);
    EXPECT_EQ(solo->commit(), 0U);
}

TEST(Snapshot, OfWhatIsInTheLogIsNotNeeded) {
    Solo solo({.recovered = {.hard_state = {.term = 3}, .entries = entries_of(3, 0, 25)}});
    solo.receive(2, 3, piece(0, "abc", false));
    EXPECT_TRUE(solo.sent<SnapshotReply>(2).at(0).done);
    EXPECT_EQ(solo->commit(), 20U);
    EXPECT_EQ(solo->last_index(), 25U);
    EXPECT_EQ(solo.rebuilds, 0);
}

TEST(Snapshot, GoesToAWitnessAsItsMark) {
    Solo solo({.witnesses = {3},
               .recovered = {.hard_state = {.term = 3}, .snapshot = {.index = 20, .term = 3}}});
    solo.elect();
    solo.receive(3, 4, AppendReply{.conflict_index = 5, .round = 2});
    EXPECT_TRUE(solo.wanted.empty());
    const auto chunks = solo.sent<SnapshotChunk>(3);
    ASSERT_EQ(chunks.size(), 1U);
    EXPECT_TRUE(chunks[0].last);
    EXPECT_TRUE(chunks[0].data.empty());
}

TEST(Snapshot, TakenHereKeepsEntriesForPeersThatAreALittleBehind) {
    Solo solo;
    solo.serve();
    solo.propose(std::vector<std::string>(10, "x"));
    solo.acknowledge(2);
    solo.acknowledge(3);
    solo.propose(std::vector<std::string>(10, "x"));
    solo.store_all();
    solo.acknowledge(2);
    ASSERT_EQ(solo->commit(), 21U);
    solo.call([](Consensus& consensus, Instant now) {
        consensus.snapshot_taken(now, {.index = 20, .term = 1});
    });
    EXPECT_EQ(solo->snapshot().index, 20U);
    EXPECT_EQ(solo->entry(12).index, 12U);
    EXPECT_DEATH(static_cast<void>(solo->entry(11)), "behind_");
}

TEST(Snapshot, BeyondWhatIsAgreedIsNotTaken) {
    Solo solo;
    solo.serve();
    solo.propose({"a"});
    solo.call([](Consensus& consensus, Instant now) {
        consensus.snapshot_taken(now, {.index = 2, .term = 1});
    });
    EXPECT_EQ(solo->snapshot().index, 0U);
}

TEST(Snapshot, OfLostEntriesIsForgottenBelowLevelHigh) {
    Solo solo({.level = Level::medium,
               .recovered = {.hard_state = {.term = 4}, .snapshot = {.index = 20, .term = 3}}});
    // A leader of a later term whose log ends before our snapshot does.
    solo.receive(
        2,
        5,
        AppendRequest{
            .previous_index = 9, .previous_term = 2, .round = 1, .entries = entries_of(5, 9, 1)});
    ASSERT_FALSE(solo.storage.empty());
    ASSERT_TRUE(solo.storage.back().snapshot.has_value());
    EXPECT_EQ(solo.storage.back().snapshot->mark, SnapshotMark{});
    solo.store_all();
    EXPECT_EQ(solo.rebuilds, 1);
    EXPECT_EQ(solo->commit(), 0U);
    solo.forget();
    solo.receive(2, 5, AppendRequest{.previous_index = 9, .previous_term = 2, .round = 2});
    EXPECT_EQ(solo.sent<AppendReply>(2).at(0).conflict_index, 1U);
}

TEST(GroupSnapshot, BringsBackAMemberThatWasAwayForLong) {
    for (const std::size_t witnesses : {0U, 1U}) {
        Group group({.witnesses = witnesses,
                     .adjust = [](ConsensusSettings& settings) { settings.entries_kept = 5; }});
        ASSERT_TRUE(group.elect());
        const NodeId leader = group.serving();
        const NodeId away = leader == 3 ? 2 : 3;
        group.crash(away);
        for (int batch = 0; batch < 30; ++batch) {
            group.propose_many(leader, 5);
            group.run_for(milliseconds(2));
        }
        group.take_snapshot(leader);
        group.restart(away);
        EXPECT_TRUE(group.run_until([&] { return group.converged(); })) << group.broken;
        EXPECT_TRUE(group.run_until([&] { return group[away].commit() > 150; })) << group.broken;
        EXPECT_EQ(group.node(away).rebuilds, 1);
    }
}

}  // namespace
}  // namespace ftcore
