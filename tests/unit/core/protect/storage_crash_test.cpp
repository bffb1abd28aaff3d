// SPDX-License-Identifier: Apache-2.0
#include "faultline/failpoint.hpp"

#include "targets/core/protect/segment.hpp"
#include "tests/unit/core/protect/storage_fixture.hpp"

namespace ftcore {
namespace {

using testing::command;
using testing::commands;
using testing::files;
using testing::flip_byte;
using testing::Node;
using testing::read_bytes;
using testing::TemporaryFolder;
using testing::write_bytes;

/// A folder with entries 1 to 5 synced; then what 6 to 8, written as one batch, make of its
/// segment.
struct LastBatch {
    TemporaryFolder folder;
    std::string before;
    std::string after;
    std::size_t before_end = 0;
    std::size_t after_end = 0;

    [[nodiscard]] std::filesystem::path segment(const TemporaryFolder& in) const {
        return in.path() / "log" / segment_name(1);
    }
};

void make_last_batch(LastBatch& batch) {
    {
        Node node(batch.folder.path(), {.segment_bytes = 16384});
        node.write(commands(1, 5, 1));
    }
    batch.before = read_bytes(batch.segment(batch.folder));
    batch.before_end = batch.before.find_last_not_of('\0') + 1;
    const TemporaryFolder later;
    later.copy_of(batch.folder.path());
    {
        Node node(later.path(), {.segment_bytes = 16384});
        ASSERT_TRUE(node.wait_synced(node.append(commands(6, 8, 1))));
    }
    batch.after = read_bytes(batch.segment(later));
    batch.after_end = batch.after.find_last_not_of('\0') + 1;
}

TEST(StorageCrash, AtEveryByteOfTheLastBatchLeavesItsBeginning) {
    LastBatch batch;
    make_last_batch(batch);
    std::size_t seen = 5;
    for (std::size_t end = batch.before_end; end <= batch.after_end; ++end) {
        for (const std::size_t zeros : {std::size_t{0}, std::size_t{4096}}) {
            const TemporaryFolder crashed;
            crashed.copy_of(batch.folder.path());
            write_bytes(batch.segment(crashed),
                        batch.after.substr(0, end) + std::string(zeros, '\0'));
            const std::vector<Entry> all = commands(1, 8, 1);
            std::size_t count = 0;
            {
                Node node(crashed.path(), {.segment_bytes = 16384});
                ASSERT_EQ(node.error, "");
                count = node.recovered.entries.size();
                ASSERT_FALSE(node.corrupted) << end;
                ASSERT_GE(count, seen);
                ASSERT_LE(count, 8U);
                ASSERT_TRUE(std::equal(
                    node.recovered.entries.begin(), node.recovered.entries.end(), all.begin()));
                if (end % 32 != 0)
                    continue;  // writing on takes longer; a part of the lengths will do
                node.write({command(count + 1, 2, "written on")});
            }
            const Node again(crashed.path(), {.segment_bytes = 16384});
            ASSERT_EQ(again.recovered.entries.size(), count + 1) << end;
            ASSERT_FALSE(again.corrupted);
            ASSERT_TRUE(again.notes.empty());
            seen = std::max(seen, count);
        }
    }
    EXPECT_EQ(seen, 8U);
}

TEST(StorageCrash, CutsATornTailAndSaysSo) {
    LastBatch batch;
    make_last_batch(batch);
    write_bytes(batch.segment(batch.folder), batch.after.substr(0, batch.after_end - 1));
    const Node node(batch.folder.path(), {.segment_bytes = 16384});
    ASSERT_EQ(node.notes.size(), 1U);
    EXPECT_NE(node.notes[0].find("torn tail"), std::string::npos) << node.notes[0];
    EXPECT_EQ(node.recovered.entries.size(), 7U);
    EXPECT_EQ(node.recovered.must_reach, 0U);
}

TEST(StorageCrash, IsNotTakenForDamageWhenABatchGotThroughInParts) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 65536});
        node.write(commands(1, 3, 1));
    }
    const TemporaryFolder crashed;
    crashed.copy_of(folder.path());
    {
        Node node(folder.path(), {.segment_bytes = 65536});
        std::vector<Entry> batch;
        for (Index index = 4; index <= 13; ++index)
            batch.push_back(command(index, 1, std::string(2000, 'x')));
        node.write(std::move(batch));
    }
    // The third page of the file never reached the disk, later ones did.
    std::string bytes = read_bytes(folder.path() / "log" / segment_name(1));
    bytes.replace(8192, 4096, 4096, '\0');
    write_bytes(crashed.path() / "log" / segment_name(1), bytes);
    const Node node(crashed.path(), {.segment_bytes = 65536});
    EXPECT_FALSE(node.corrupted);
    EXPECT_GE(node.recovered.entries.size(), 3U);
    EXPECT_LT(node.recovered.entries.size(), 13U);
}

TEST(StorageDamage, OfAnySyncedByteIsFoundAndRemembered) {
    TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        node.write(commands(1, 5, 1));
        node.write(commands(6, 8, 1));
    }
    const std::string bytes = read_bytes(folder.path() / "log" / segment_name(1));
    const std::size_t end = bytes.find_last_not_of('\0') + 1;
    std::vector<std::size_t> places{0, 9, 13, 17, 25, 33, 41, 49, 57, 200};  // within the header
    for (std::size_t at = segment_header_bytes; at < end; at += 13)
        places.push_back(at);
    for (const std::size_t at : places) {
        const TemporaryFolder damaged;
        damaged.copy_of(folder.path());
        flip_byte(damaged.path() / "log" / segment_name(1), at, static_cast<int>(at % 8));
        Index must_reach = 0;
        std::size_t count = 0;
        {
            const Node node(damaged.path(), {.segment_bytes = 16384});
            ASSERT_EQ(node.error, "");
            ASSERT_TRUE(node.corrupted) << at;
            must_reach = node.recovered.must_reach;
            count = node.recovered.entries.size();
            ASSERT_GE(must_reach, 8U) << at;
            ASSERT_LT(count, 8U) << at;
            ASSERT_FALSE(node.notes.empty());
            ASSERT_FALSE(files(damaged.path() / "log", ".damaged").empty());
        }
        {
            const Node again(damaged.path(), {.segment_bytes = 16384});
            ASSERT_FALSE(again.corrupted) << "it has been cut off";
            ASSERT_EQ(again.recovered.must_reach, must_reach)
                << "a second crash does not forget it";
        }
        {
            Node node(damaged.path(), {.segment_bytes = 16384});
            node.write(commands(count + 1, must_reach, 2));
        }
        const Node reached(damaged.path(), {.segment_bytes = 16384});
        ASSERT_EQ(reached.recovered.must_reach, 0U);
        ASSERT_EQ(reached.recovered.entries.size(), must_reach);
        ASSERT_FALSE(reached.corrupted);
    }
}

TEST(StorageDamage, InTheMiddleOfSeveralSegmentsKeepsWhatIsBefore) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        for (Index index = 1; index <= 60; ++index)
            node.write({command(index, 1, std::string(1000, 'a'))});
    }
    const auto segments = files(folder.path() / "log", ".wal");
    ASSERT_GE(segments.size(), 4U);
    flip_byte(segments[1], segment_header_bytes + 3000);
    Node node(folder.path(), {.segment_bytes = 16384});
    EXPECT_TRUE(node.corrupted);
    EXPECT_EQ(node.recovered.must_reach, 60U);
    EXPECT_GT(node.recovered.entries.size(), 5U);
    EXPECT_LT(node.recovered.entries.size(), 30U);
    EXPECT_EQ(files(folder.path() / "log", ".wal").size(), 2U);
    EXPECT_LE(files(folder.path() / "log", ".damaged").size(), 4U);
    const std::size_t count = node.recovered.entries.size();
    node.write(commands(count + 1, count + 5, 2));
}

TEST(StorageDamage, IsNotForgottenByACrashWhileItIsCut) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        for (Index index = 1; index <= 40; ++index)
            node.write({command(index, 1, std::string(1000, 'a'))});
    }
    flip_byte(files(folder.path() / "log", ".wal")[1], segment_header_bytes + 3000);
    std::vector<std::unique_ptr<TemporaryFolder>> crashes;
    for (const char* point : {"damaged.rename",
                              "damaged.folder_sync",
                              "damaged.create",
                              "damaged.write",
                              "wal.truncate",
                              "wal.write",
                              "wal.sync",
                              "watermark.write",
                              "reach.remove"}) {
        const auto armed = faultline::arm_failpoint(point, [&] {
            crashes.push_back(std::make_unique<TemporaryFolder>());
            crashes.back()->copy_of(folder.path());
            return 0;
        });
        ASSERT_TRUE(armed) << armed.message();
    }
    const std::size_t count =
        Node(folder.path(), {.segment_bytes = 16384}).recovered.entries.size();
    faultline::disarm_all_failpoints();
    ASSERT_GT(crashes.size(), 6U);
    for (const auto& crash : crashes) {
        const Node node(crash->path(), {.segment_bytes = 16384});
        ASSERT_EQ(node.error, "");
        EXPECT_EQ(node.recovered.entries.size(), count);
        EXPECT_EQ(node.recovered.must_reach, 40U);
    }
}

TEST(StorageDamage, IsAMissingSegment) {
    for (const std::size_t which : {0, 1, 4}) {
        const TemporaryFolder folder;
        {
            Node node(folder.path(), {.segment_bytes = 16384});
            for (Index index = 1; index <= 50; ++index)
                node.write({command(index, 1, std::string(1000, 'a'))});
        }
        const auto segments = files(folder.path() / "log", ".wal");
        ASSERT_EQ(segments.size(), 5U);
        std::filesystem::remove(segments[which]);
        const Node node(folder.path(), {.segment_bytes = 16384});
        EXPECT_TRUE(node.corrupted) << which;
        EXPECT_EQ(node.recovered.must_reach, 50U) << which;
    }
}

TEST(StorageVotes, SurviveAFlipInEitherCopy) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        node.write(commands(1, 2, 4));
        ASSERT_TRUE(node.wait_synced(node.submit({.hard_state = HardState{7, 3}})));
    }
    for (const std::size_t slot : {std::size_t{0}, std::size_t{4096}}) {
        for (std::size_t at = slot; at < slot + vote_slot_bytes; at += 5) {
            const TemporaryFolder damaged;
            damaged.copy_of(folder.path());
            flip_byte(damaged.path() / "vote", at, 5);
            const Node node(damaged.path(), {.segment_bytes = 16384});
            ASSERT_EQ(node.recovered.hard_state, (HardState{7, 3})) << at;
            ASSERT_FALSE(node.corrupted);
            const std::string bytes = read_bytes(damaged.path() / "vote");
            ASSERT_EQ(bytes.substr(0, vote_slot_bytes), bytes.substr(4096, vote_slot_bytes));
        }
    }
}

TEST(StorageVotes, LostInBothCopiesKeepTheNodeFromVoting) {
    const TemporaryFolder folder;
    {
        Node node(folder.path(), {.segment_bytes = 16384});
        node.write(commands(1, 2, 4));
    }
    flip_byte(folder.path() / "vote", 20);
    flip_byte(folder.path() / "vote", 4096 + 20);
    for (int start = 0; start < 2; ++start) {
        const Node node(folder.path(), {.segment_bytes = 16384});
        EXPECT_TRUE(node.corrupted || start > 0);
        EXPECT_EQ(node.recovered.must_reach, 3U);
        EXPECT_EQ(node.recovered.hard_state.term, 4U);
    }
}

}  // namespace
}  // namespace ftcore
