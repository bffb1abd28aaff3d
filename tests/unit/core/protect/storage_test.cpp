// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/storage.hpp"

#include <atomic>
#include <future>

#include "faultline/failpoint.hpp"

#include "targets/core/protect/crc32c.hpp"
#include "targets/core/protect/little_endian.hpp"
#include "tests/unit/core/protect/storage_fixture.hpp"

namespace ftcore {
namespace {

using testing::command;
using testing::commands;
using testing::Node;
using testing::TemporaryFolder;

struct Disarm {
    ~Disarm() { faultline::disarm_all_failpoints(); }
};

TEST(Storage, StartsEmpty) {
    const TemporaryFolder folder;
    const Node node(folder.path());
    ASSERT_EQ(node.error, "");
    EXPECT_EQ(node.recovered.hard_state, HardState{});
    EXPECT_TRUE(node.recovered.entries.empty());
    EXPECT_EQ(node.recovered.snapshot, SnapshotMark{});
    EXPECT_FALSE(node.corrupted);
    EXPECT_TRUE(node.notes.empty());
}

TEST(Storage, FindsAgainWhatWasSubmitted) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.submit({.hard_state = HardState{3, 2}});
        node.append(commands(1, 10, 3));
        node.submit({.truncate_from = 8, .append = commands(8, 9, 4)});
        ASSERT_TRUE(node.wait_synced(node.submit({.hard_state = HardState{4, 1}})));
    }
    const Node node(folder.path());
    ASSERT_EQ(node.error, "");
    EXPECT_EQ(node.recovered.hard_state, (HardState{4, 1}));
    std::vector<Entry> expected = commands(1, 7, 3);
    for (Entry& entry : commands(8, 9, 4))
        expected.push_back(std::move(entry));
    EXPECT_EQ(node.recovered.entries, expected);
    EXPECT_FALSE(node.corrupted);
    EXPECT_TRUE(node.notes.empty());
}

TEST(Storage, CarriesOutWhatIsQueuedBeforeItEnds) {
    const TemporaryFolder folder;
    for (const Level level : {Level::high, Level::low}) {
        Node node(folder.path(), {.level = level, .sync_period = std::chrono::hours(1)});
        const Index last = node.recovered.entries.size();
        for (Index index = last + 1; index <= last + 50; ++index)
            node.append({command(index, 1, "x")});
    }
    EXPECT_EQ(Node(folder.path()).recovered.entries.size(), 100U);
}

TEST(Storage, KeepsASecondProcessOut) {
    const TemporaryFolder folder;
    const Node first(folder.path());
    const Node second(folder.path());
    EXPECT_NE(second.error.find("another process"), std::string::npos) << second.error;
}

TEST(Storage, BeginsNewSegmentsAndTruncatesAcrossThem) {
    const TemporaryFolder folder;
    std::vector<Entry> expected;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        for (Index index = 1; index <= 60; ++index) {
            expected.push_back(command(index, 1, std::string(1000, 'a')));
            node.write({expected.back()});
        }
        expected.resize(20);
        ASSERT_TRUE(node.wait_synced(node.submit({.truncate_from = 21})));
        for (Index index = 21; index <= 50; ++index) {
            expected.push_back(command(index, 2, std::string(500, 'b')));
            node.write({expected.back()});
        }
    }
    EXPECT_GT(testing::files(folder.path() / "log", ".wal").size(), 3U);
    Node node(folder.path(), {.segment_bytes = 16384});
    EXPECT_EQ(node.recovered.entries, expected);
    EXPECT_FALSE(node.corrupted);
    node.write({command(51, 2, "after a restart")});
}

TEST(Storage, ReplacesEntriesThatAreSubmittedAgain) {
    const TemporaryFolder folder;
    {
        Node node(folder.path());
        node.write(commands(1, 10, 1));
        node.write(commands(6, 7, 2));
    }
    const Node node(folder.path());
    ASSERT_EQ(node.recovered.entries.size(), 7U);
    EXPECT_EQ(node.recovered.entries[5].term, 2U);
}

TEST(Storage, GathersManyStepsInOneSync) {
    const TemporaryFolder folder;
    const Disarm disarm;
    Node node(folder.path());
    node.write(commands(1, 1, 1));
    std::atomic<int> syncs{0};
    std::promise<void> first_sync;
    std::promise<void> all_submitted;
    auto submitted = all_submitted.get_future();
    ASSERT_TRUE(faultline::arm_failpoint("wal.sync", [&] {
        if (syncs++ == 0) {
            first_sync.set_value();
            submitted.wait();
        }
        return 0;
    }));
    node.append({command(2, 1, "the first sync waits for the others")});
    first_sync.get_future().wait();
    std::uint64_t last = 0;
    for (Index index = 3; index <= 500; ++index)
        last = node.append({command(index, 1, "x")});
    all_submitted.set_value();
    ASSERT_TRUE(node.wait_synced(last));
    EXPECT_EQ(syncs, 2) << "the first step, and all that came while it was synced";
}

TEST(Storage, ReportsWrittenBeforeSyncedBelowLevelHigh) {
    for (const Level level : {Level::medium, Level::low}) {
        const TemporaryFolder folder;
        Node node(folder.path(), {.level = level, .sync_period = std::chrono::hours(1)});
        const auto sequence = node.append(commands(1, 3, 1));
        ASSERT_TRUE(node.wait([&] { return node.progress.written == sequence; }));
        EXPECT_EQ(node.progress.synced, 0U);
        EXPECT_FALSE(node.reports.back().synced);
        const auto vote = node.submit({.hard_state = HardState{2, 1}});
        ASSERT_TRUE(node.wait([&] { return node.progress.written == vote; }));
        EXPECT_EQ(node.progress.synced, vote) << "a vote is always synced before it counts";
    }
}

TEST(Storage, SyncsAfterThePeriodBelowLevelHigh) {
    const TemporaryFolder folder;
    Node node(folder.path(), {.level = Level::medium, .sync_period = std::chrono::milliseconds(5)});
    EXPECT_TRUE(node.wait_synced(node.append(commands(1, 3, 1))));
    EXPECT_TRUE(node.wait_synced(node.append(commands(4, 5, 1))));
}

TEST(Storage, RestartsWithManyEntries) {
    constexpr Index count = 100'000;
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 1 << 20});
        for (Index index = 1; index <= count; index += 100)
            node.append(commands(index, index + 99, 1));
    }
    Node node(folder.path(), {.segment_bytes = 1 << 20});
    EXPECT_EQ(node.recovered.entries, commands(1, count, 1));
    EXPECT_FALSE(node.corrupted);
    EXPECT_GT(node.storage->log_bytes(), count * 30);
}

TEST(Storage, RefusesALogOfALaterVersion) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        node.write(commands(1, 1, 1));
    }
    // The header as a later version would write it: another number, and a checksum that fits.
    const auto path = testing::files(folder.path() / "log", ".wal").front();
    std::string bytes = testing::read_bytes(path);
    std::string header = bytes.substr(12, 4096 - 12);
    header[0] = 9;
    std::string later = bytes.substr(0, 8);
    put_number(later, crc32c(header));
    testing::write_bytes(path, later + header + bytes.substr(4096));
    const Node node(folder.path());
    EXPECT_NE(node.error.find("version 9"), std::string::npos) << node.error;
}

}  // namespace
}  // namespace ftcore
