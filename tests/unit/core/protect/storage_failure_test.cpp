// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include "faultline/failpoint.hpp"

#include "tests/unit/core/protect/storage_fixture.hpp"

namespace ftcore {
namespace {

using testing::command;
using testing::commands;
using testing::Node;
using testing::TemporaryFolder;

class StorageFailure : public ::testing::TestWithParam<const char*> {
  protected:
    void TearDown() override { faultline::disarm_all_failpoints(); }
    static void arm(const std::string& orders) {
        const auto armed = faultline::arm_failpoints(orders);
        ASSERT_TRUE(armed) << armed.message();
    }
};

using StorageFailureAt = StorageFailure;

TEST_P(StorageFailureAt, RefusesEverythingUntilItIsRepaired) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        node.write(commands(1, 5, 1));
        arm(std::string(GetParam()) + "=error(EIO):first=1");
        // Long enough to need a new segment, with a vote: passes every place there is.
        node.submit(
            {.hard_state = HardState{2, 1}, .append = {command(6, 2, std::string(14000, 'x'))}});
        ASSERT_TRUE(node.wait([&] { return node.failures.size() == 1; }));
        EXPECT_EQ(node.failures[0].outcome, ErrorCode::storage_failed);
        EXPECT_EQ(node.failures[0].progress.synced, 1U);
        EXPECT_NE(node.failures[0].detail.find("Input/output error"), std::string::npos);
        node.append({command(7, 2, "refused")});
        ASSERT_TRUE(node.wait([&] { return node.failures.size() == 2; }));
        EXPECT_EQ(node.progress.synced, 1U);

        std::vector<Entry> unsynced{command(6, 2, std::string(14000, 'x')),
                                    command(7, 2, "refused")};
        ASSERT_TRUE(node.repair({2, 1}, unsynced));
        EXPECT_EQ(node.progress.synced, 3U);
        EXPECT_EQ(node.repair_reports.back().outcome, ErrorCode::none);
        ASSERT_TRUE(node.wait_synced(node.append({command(8, 2, "after the repair")})));
    }
    const Node node(folder.path(), {.segment_bytes = 16384});
    ASSERT_EQ(node.error, "");
    EXPECT_FALSE(node.corrupted) << ::testing::PrintToString(node.notes);
    EXPECT_EQ(node.recovered.hard_state, (HardState{2, 1}));
    ASSERT_EQ(node.recovered.entries.size(), 8U);
    EXPECT_EQ(node.recovered.entries[7].data, "after the repair");
}

INSTANTIATE_TEST_SUITE_P(Places,
                         StorageFailureAt,
                         ::testing::Values("wal.write",
                                           "wal.sync",
                                           "wal.create",
                                           "wal.preallocate",
                                           "wal.rename",
                                           "log.folder_sync",
                                           "vote.write",
                                           "vote.sync"));

TEST_F(StorageFailure, OfASyncIsNeverTriedAgain) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.write(commands(1, 5, 1));
        arm("wal.sync=error(EIO):first=1");
        node.append(commands(6, 7, 1));
        ASSERT_TRUE(node.wait([&] { return !node.failures.empty(); }));
        std::atomic<int> syncs{0};
        ASSERT_TRUE(faultline::arm_failpoint("wal.sync", [&] {
            ++syncs;
            return 0;
        }));
        node.append(commands(8, 8, 1));
        ASSERT_TRUE(node.wait([&] { return node.failures.size() == 2; }));
        EXPECT_EQ(syncs, 0);
        ASSERT_TRUE(node.repair({1, 1}, commands(6, 8, 1)));
        EXPECT_EQ(syncs, 2) << "the header and the entries of the new segment";
        faultline::disarm_all_failpoints();
    }
    EXPECT_EQ(testing::files(folder.path() / "log", ".wal").size(), 2U);
    EXPECT_EQ(Node(folder.path()).recovered.entries, commands(1, 8, 1));
}

TEST_F(StorageFailure, ThatIsAFullDiskIsRepairedOnceThereIsSpace) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.write(commands(1, 5, 1));
        arm("wal.write=error(ENOSPC)");
        node.append(commands(6, 7, 1));
        ASSERT_TRUE(node.wait([&] { return !node.failures.empty(); }));
        EXPECT_EQ(node.failures[0].outcome, ErrorCode::storage_full);
        const auto refused = node.repair({1, 1}, commands(6, 7, 1));
        EXPECT_FALSE(refused);
        EXPECT_EQ(node.repair_reports.back().outcome, ErrorCode::storage_full);
        faultline::disarm_all_failpoints();
        ASSERT_TRUE(node.repair({1, 1}, commands(6, 7, 1)));
        ASSERT_TRUE(node.wait_synced(node.append(commands(8, 9, 1))));
    }
    const Node node(folder.path());
    EXPECT_EQ(node.recovered.entries, commands(1, 9, 1));
    EXPECT_FALSE(node.corrupted);
}

TEST_F(StorageFailure, BeforeARestartLosesNothingThatWasSynced) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.write(commands(1, 5, 1));
        arm("wal.sync=error(EIO)");
        node.append(commands(6, 7, 1));
        ASSERT_TRUE(node.wait([&] { return !node.failures.empty(); }));
    }
    faultline::disarm_all_failpoints();
    const Node node(folder.path());
    EXPECT_GE(node.recovered.entries.size(), 5U);
    EXPECT_FALSE(node.corrupted);
}

TEST_F(StorageFailure, WithATruncationIsRepairedFromTheIndexItReached) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.write(commands(1, 9, 1));
        arm("wal.sync=error(EIO):first=1");
        node.submit({.truncate_from = 4, .append = commands(4, 5, 2)});
        ASSERT_TRUE(node.wait([&] { return !node.failures.empty(); }));
        ASSERT_TRUE(node.repair({2, 1}, commands(4, 5, 2)));
    }
    const Node node(folder.path());
    ASSERT_EQ(node.recovered.entries.size(), 5U);
    EXPECT_EQ(node.recovered.entries[2].term, 1U);
    EXPECT_EQ(node.recovered.entries[3].term, 2U);
    EXPECT_FALSE(node.corrupted);
}

TEST_F(StorageFailure, ToReadIsNoDamage) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.write(commands(1, 5, 1));
        ASSERT_TRUE(node.save({.index = 3, .term = 1}, "state"));
    }
    for (const char* point : {"open.read", "snapshot.read", "vote.open", "wal.open"}) {
        arm(std::string(point) + "=error(EIO)");
        const Node refused(folder.path());
        EXPECT_NE(refused.error.find("Input/output error"), std::string::npos)
            << point << refused.error;
        faultline::disarm_all_failpoints();
        const Node node(folder.path());
        EXPECT_EQ(node.recovered.entries.size(), 2U);
        EXPECT_FALSE(node.corrupted) << point;
    }
}

TEST_F(StorageFailure, BelowLevelHighShowsWhenTheSyncIsDue) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(),
                  {.level = Level::medium, .sync_period = std::chrono::milliseconds(1)});
        node.write(commands(1, 2, 1));
        arm("wal.sync=error(EIO):first=1");
        node.append(commands(3, 4, 1));
        ASSERT_TRUE(node.wait([&] { return !node.failures.empty(); }));
        ASSERT_TRUE(node.repair({1, 1}, commands(3, 4, 1)));
        ASSERT_TRUE(node.wait_synced(node.append(commands(5, 6, 1))));
    }
    EXPECT_EQ(Node(folder.path()).recovered.entries, commands(1, 6, 1));
}

/// What a crash leaves at every step of beginning segments, voting and repairing.
TEST_F(StorageFailure, AndCrashAtAnyStepLoseNothingThatWasSynced) {
    const TemporaryFolder folder;
    std::vector<std::unique_ptr<TemporaryFolder>> crashes;
    std::vector<Stored> known;
    Node node(folder.path(), {.segment_bytes = 16384});
    const auto crash_here = [&] {
        crashes.push_back(std::make_unique<TemporaryFolder>());
        crashes.back()->copy_of(folder.path());
        const std::lock_guard guard(node.mutex);
        known.push_back(node.progress);
        return 0;
    };
    for (const char* point : {"wal.write",
                              "wal.sync",
                              "wal.create",
                              "wal.preallocate",
                              "wal.rename",
                              "log.folder_sync",
                              "wal.truncate",
                              "vote.write",
                              "vote.sync",
                              "vote.create",
                              "vote.rename",
                              "vote.folder_sync",
                              "watermark.write"}) {
        ASSERT_TRUE(faultline::arm_failpoint(point, crash_here)) << point;
    }
    for (Index index = 1; index <= 20; ++index) {
        ASSERT_TRUE(node.wait_synced(
            node.submit({.hard_state = HardState{index, 1},
                         .append = {command(index, index, std::string(2500, 'x'))}})));
    }
    ASSERT_TRUE(node.repair({20, 2}, {}));
    ASSERT_TRUE(node.wait_synced(node.append({command(21, 20, "more")})));
    faultline::disarm_all_failpoints();
    node.storage.reset();
    ASSERT_GT(crashes.size(), 100U);
    for (std::size_t at = 0; at < crashes.size(); ++at) {
        const Node crashed(crashes[at]->path(), {.segment_bytes = 16384});
        ASSERT_EQ(crashed.error, "") << at;
        ASSERT_FALSE(crashed.corrupted) << at << ::testing::PrintToString(crashed.notes);
        ASSERT_GE(crashed.recovered.entries.size(), known[at].synced) << at;
        ASSERT_GE(crashed.recovered.hard_state.term, std::min<Term>(known[at].synced, 20)) << at;
    }
}

}  // namespace
}  // namespace ftcore
