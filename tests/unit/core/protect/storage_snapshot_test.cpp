// SPDX-License-Identifier: Apache-2.0
#include "faultline/failpoint.hpp"

#include "targets/core/protect/snapshot_file.hpp"
#include "tests/unit/core/protect/storage_fixture.hpp"

namespace ftcore {
namespace {

using testing::command;
using testing::commands;
using testing::files;
using testing::flip_byte;
using testing::Node;
using testing::TemporaryFolder;

class StorageSnapshot : public ::testing::Test {
  protected:
    void TearDown() override { faultline::disarm_all_failpoints(); }
    static void arm(const std::string& orders) {
        const auto armed = faultline::arm_failpoints(orders);
        ASSERT_TRUE(armed) << armed.message();
    }
};

std::string state_of(std::size_t bytes, char variant) {
    std::string data(bytes, '\0');
    for (std::size_t at = 0; at < bytes; ++at)
        data[at] = static_cast<char>(at * 31 + at / 251 + static_cast<std::size_t>(variant));
    return data;
}

StorageSettings small_segments() {
    return {.segment_bytes = 16384};
}

void fill(Node& node, Index first, Index last, Term term = 1) {
    for (Index index = first; index <= last; ++index)
        node.write({command(index, term, std::string(1000, 'a'))});
}

TEST_F(StorageSnapshot, IsSavedLoadedAndReadInPieces) {
    const TemporaryFolder folder;
    for (const std::size_t bytes : {std::size_t{0},
                                    std::size_t{1},
                                    snapshot_block_bytes - 1,
                                    snapshot_block_bytes,
                                    3 * snapshot_block_bytes + 17}) {
        const std::string data = state_of(bytes, 'a');
        const SnapshotMark mark{.index = 10 + bytes, .term = 3};
        Node node(folder.path());
        ASSERT_TRUE(node.save(mark, data));
        EXPECT_EQ(node.load(mark), data);
        std::string pieces;
        bool last = false;
        while (!last) {
            const std::size_t before = node.reads.size();
            node.storage->read_snapshot(2, pieces.size(), 50'000);
            ASSERT_TRUE(node.wait([&] { return node.reads.size() > before; }));
            const SnapshotRead& read = node.reads.back();
            ASSERT_EQ(read.to, 2U);
            ASSERT_EQ(read.chunk.mark, mark);
            ASSERT_EQ(read.chunk.offset, pieces.size());
            pieces += read.chunk.data;
            last = read.chunk.last;
        }
        EXPECT_EQ(pieces, data);
    }
    Node node(folder.path());
    EXPECT_EQ(node.recovered.snapshot.index, 10 + 3 * snapshot_block_bytes + 17);
    EXPECT_EQ(files(folder.path() / "snapshot", ".snap").size(), 2U)
        << "the newest and the one before";
}

TEST_F(StorageSnapshot, IsNotThereBeforeTheFirst) {
    const TemporaryFolder folder;
    Node node(folder.path());
    node.storage->read_snapshot(2, 0, 1000);
    ASSERT_TRUE(node.wait([&] { return !node.reads.empty(); }));
    EXPECT_TRUE(node.reads[0].chunk.data.empty());
    EXPECT_FALSE(node.reads[0].chunk.last);
}

TEST_F(StorageSnapshot, LetsTheLogGoThatEndsBeforeThePreviousOne) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), small_segments());
        fill(node, 1, 60);
        const std::size_t all = files(folder.path() / "log", ".wal").size();
        const std::size_t bytes = node.storage->log_bytes();
        ASSERT_TRUE(node.save({.index = 40, .term = 1}, "state at 40"));
        EXPECT_EQ(files(folder.path() / "log", ".wal").size(), all)
            << "there is no previous snapshot yet";
        EXPECT_LT(node.storage->log_bytes(), bytes);
        fill(node, 61, 80);
        ASSERT_TRUE(node.save({.index = 70, .term = 1}, "state at 70"));
        EXPECT_LT(files(folder.path() / "log", ".wal").size(), all);
    }
    const Node node(folder.path(), small_segments());
    EXPECT_EQ(node.recovered.snapshot, (SnapshotMark{70, 1}));
    ASSERT_EQ(node.recovered.entries.size(), 10U);
    EXPECT_EQ(node.recovered.entries.front().index, 71U);
    EXPECT_FALSE(node.corrupted);
}

TEST_F(StorageSnapshot, ThatDoesNotVerifyGivesWayToTheOneBefore) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), small_segments());
        fill(node, 1, 30);
        ASSERT_TRUE(node.save({.index = 20, .term = 1}, state_of(100'000, 'a')));
        fill(node, 31, 60);
        ASSERT_TRUE(node.save({.index = 50, .term = 1}, state_of(100'000, 'b')));
    }
    const auto snapshots = files(folder.path() / "snapshot", ".snap");
    ASSERT_EQ(snapshots.size(), 2U);
    const std::size_t bytes = std::filesystem::file_size(snapshots[1]);
    for (const std::size_t at : {std::size_t{3},
                                 std::size_t{30},
                                 std::size_t{40},
                                 std::size_t{70'000},
                                 bytes - 30,
                                 bytes - 3}) {
        const TemporaryFolder damaged;
        damaged.copy_of(folder.path());
        flip_byte(files(damaged.path() / "snapshot", ".snap")[1], at);
        Node node(damaged.path(), small_segments());
        ASSERT_EQ(node.error, "");
        EXPECT_TRUE(node.corrupted);
        EXPECT_EQ(node.recovered.snapshot, (SnapshotMark{20, 1})) << at;
        ASSERT_EQ(node.recovered.entries.size(), 40U) << "the log behind it is kept";
        EXPECT_EQ(node.recovered.must_reach, 0U) << "nothing is lost";
        EXPECT_EQ(node.load({.index = 20, .term = 1}), state_of(100'000, 'a'));
        EXPECT_EQ(files(damaged.path() / "snapshot", ".damaged").size(), 1U);
    }
}

TEST_F(StorageSnapshot, DamagedWhileItRunsIsReportedAndNotServed) {
    const TemporaryFolder folder;
    Node node(folder.path());
    ASSERT_TRUE(node.save({.index = 5, .term = 1}, state_of(200'000, 'a')));
    flip_byte(files(folder.path() / "snapshot", ".snap")[0], 70'000);
    node.storage->read_snapshot(3, 60'000, 50'000);
    ASSERT_TRUE(node.wait([&] { return !node.reads.empty(); }));
    EXPECT_TRUE(node.reads[0].chunk.data.empty());
    ASSERT_EQ(node.corruptions.size(), 1U);
    EXPECT_NE(node.load({.index = 5, .term = 1}).find("error"), std::string::npos);
}

TEST_F(StorageSnapshot, ThatCannotBeSavedDisturbsNothingElse) {
    for (const char* point : {"snapshot.create",
                              "snapshot.write",
                              "snapshot.sync",
                              "snapshot.rename",
                              "snapshot.folder_sync"}) {
        const TemporaryFolder folder;
        Node node(folder.path());
        node.write(commands(1, 9, 1));
        arm(std::string(point) + "=error(ENOSPC):first=1");
        EXPECT_FALSE(node.save({.index = 5, .term = 1}, "state")) << point;
        node.write(commands(10, 11, 1));
        EXPECT_TRUE(node.save({.index = 7, .term = 1}, "state")) << point;
        EXPECT_EQ(node.load({.index = 7, .term = 1}), "state");
    }
}

TEST_F(StorageSnapshot, CanBeGivenUp) {
    const TemporaryFolder folder;
    Node node(folder.path());
    node.storage->save_snapshot({.index = 5, .term = 1}, "one", false);
    node.storage->abandon_snapshot();
    EXPECT_TRUE(node.save({.index = 5, .term = 1}, "another"));
    EXPECT_EQ(node.load({.index = 5, .term = 1}), "another");
    EXPECT_FALSE(node.save({.index = 5, .term = 1}, "older than what is there"));
}

std::uint64_t receive(Node& node,
                      SnapshotMark mark,
                      const std::string& data,
                      std::size_t piece_bytes = 40'000) {
    std::uint64_t sequence = 0;
    for (std::size_t at = 0;; at += piece_bytes) {
        const bool last = at + piece_bytes >= data.size();
        sequence = node.submit(
            {.snapshot = SnapshotChunk{
                 .mark = mark, .offset = at, .last = last, .data = data.substr(at, piece_bytes)}});
        if (last) return sequence;
    }
}

TEST_F(StorageSnapshot, ReceivedTakesTheLogsPlace) {
    const TemporaryFolder folder;
    const std::string data = state_of(150'000, 'r');
    {
        Node node(folder.path(), small_segments());
        fill(node, 1, 40);
        ASSERT_TRUE(node.wait_synced(receive(node, {.index = 30, .term = 5}, data)));
        EXPECT_EQ(files(folder.path() / "log", ".wal").size(), 1U);
        node.write({command(31, 5, "behind it")});
    }
    Node node(folder.path(), small_segments());
    EXPECT_EQ(node.recovered.snapshot, (SnapshotMark{30, 5}));
    ASSERT_EQ(node.recovered.entries.size(), 1U);
    EXPECT_EQ(node.recovered.entries[0].data, "behind it");
    EXPECT_EQ(node.load({.index = 30, .term = 5}), data);
    EXPECT_FALSE(node.corrupted);
}

TEST_F(StorageSnapshot, ReceivedTakesThePlaceOfNewerOnes) {
    for (const SnapshotMark mark : {SnapshotMark{25, 7}, SnapshotMark{40, 7}, SnapshotMark{}}) {
        const TemporaryFolder folder;
        {
            Node node(folder.path(), small_segments());
            fill(node, 1, 30);
            ASSERT_TRUE(node.save({.index = 20, .term = 1}, "state at 20"));
            fill(node, 31, 60);
            ASSERT_TRUE(node.save({.index = 40, .term = 1}, "state at 40"));
            node.storage->save_snapshot({.index = 60, .term = 1}, "a beginning", false);
            ASSERT_TRUE(node.wait_synced(receive(node, mark, mark.index > 0 ? "older state" : "")));
            ASSERT_TRUE(node.wait([&] { return node.saved.size() == 3; }));
            EXPECT_FALSE(node.saved.back()) << "the one that was being saved is given up";
            node.storage->save_snapshot({.index = 60, .term = 1}, "its end", true);
            node.write({command(mark.index + 1, 8, "behind it")});
            EXPECT_EQ(node.saved.size(), 3U);
        }
        Node node(folder.path(), small_segments());
        EXPECT_EQ(node.recovered.snapshot, mark);
        ASSERT_EQ(node.recovered.entries.size(), 1U);
        EXPECT_FALSE(node.corrupted);
        if (mark.index > 0) {
            EXPECT_EQ(node.load(mark), "older state");
        }
        EXPECT_EQ(files(folder.path() / "snapshot", ".snap").size(), mark.index > 0 ? 2U : 0U);
    }
}

TEST_F(StorageSnapshot, ReceivedAheadOfTheLogIsWrittenOnBehind) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.write(commands(1, 3, 1));
        ASSERT_TRUE(node.wait_synced(receive(node, {.index = 100, .term = 2}, "state")));
        node.write(commands(101, 104, 2));
    }
    const Node node(folder.path());
    EXPECT_EQ(node.recovered.entries, commands(101, 104, 2));
    EXPECT_FALSE(node.corrupted);
}

/// What a crash leaves at every step of receiving: the old log, or the snapshot; then writing goes
/// on.
TEST_F(StorageSnapshot, ReceivedSurvivesACrashAtAnyStep) {
    // Older than the snapshot that is there, within the log, and beyond it.
    for (const Index mark_index : {Index{25}, Index{45}, Index{90}}) {
        const TemporaryFolder folder;
        std::vector<std::unique_ptr<TemporaryFolder>> crashes;
        const SnapshotMark mark{.index = mark_index, .term = 5};
        {
            Node node(folder.path(), small_segments());
            fill(node, 1, 50);
            ASSERT_TRUE(node.save({.index = 35, .term = 1}, "state at 35"));
            ASSERT_TRUE(node.save({.index = 40, .term = 1}, "state at 40"));
            const auto crash_here = [&] {
                crashes.push_back(std::make_unique<TemporaryFolder>());
                crashes.back()->copy_of(folder.path());
                return 0;
            };
            for (const char* point : {"wal.write",
                                      "wal.sync",
                                      "wal.create",
                                      "wal.preallocate",
                                      "wal.rename",
                                      "log.folder_sync",
                                      "wal.truncate",
                                      "watermark.write",
                                      "wal.remove",
                                      "snapshot.remove",
                                      "snapshot.create",
                                      "snapshot.write",
                                      "snapshot.sync",
                                      "snapshot.rename",
                                      "snapshot.folder_sync"}) {
                ASSERT_TRUE(faultline::arm_failpoint(point, crash_here)) << point;
            }
            ASSERT_TRUE(node.wait_synced(receive(node, mark, state_of(150'000, 'r'))));
            node.write({command(mark_index + 1, 5, "behind it")});
            faultline::disarm_all_failpoints();
        }
        ASSERT_GT(crashes.size(), 10U);
        bool installed = false;
        for (const auto& crash : crashes) {
            Index last = 0;
            {
                Node node(crash->path(), small_segments());
                ASSERT_EQ(node.error, "");
                ASSERT_FALSE(node.corrupted) << ::testing::PrintToString(node.notes);
                if (node.recovered.snapshot == mark) {
                    installed = true;
                    ASSERT_LE(node.recovered.entries.size(), 1U);
                    ASSERT_EQ(node.load(mark), state_of(150'000, 'r'));
                } else {
                    ASSERT_FALSE(installed) << "it never goes back";
                    ASSERT_EQ(node.recovered.snapshot, (SnapshotMark{40, 1}));
                    ASSERT_LE(node.recovered.entries.size(), 10U);
                }
                ASSERT_TRUE(files(crash->path() / "snapshot", ".new").empty());
                last = node.recovered.snapshot.index + node.recovered.entries.size();
                node.write({command(last + 1, 6, "on")});
            }
            const Node again(crash->path(), small_segments());
            ASSERT_FALSE(again.corrupted) << ::testing::PrintToString(again.notes);
            ASSERT_EQ(again.recovered.snapshot.index + again.recovered.entries.size(), last + 1);
        }
        EXPECT_TRUE(installed);
    }
}

TEST_F(StorageSnapshot, ReceivedAndFailedIsGivenUpAndFetchedAgain) {
    const TemporaryFolder folder;
    const std::string data = state_of(150'000, 'r');
    {
        Node node(folder.path());
        node.write(commands(1, 3, 1));
        arm("snapshot.sync=error(EIO):first=1");
        receive(node, {.index = 30, .term = 5}, data);
        ASSERT_TRUE(node.wait([&] { return !node.failures.empty(); }));
        ASSERT_TRUE(node.repair({5, 1}, {}));
        ASSERT_TRUE(node.wait_synced(receive(node, {.index = 30, .term = 5}, data)));
        node.write({command(31, 5, "behind it")});
    }
    Node node(folder.path());
    EXPECT_EQ(node.recovered.entries.size(), 1U);
    EXPECT_EQ(node.load({.index = 30, .term = 5}), data);
}

}  // namespace
}  // namespace ftcore
