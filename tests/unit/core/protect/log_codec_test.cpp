// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/log_codec.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/protect/log_build.hpp"

namespace ftcore {
namespace {

using testing::command;
using testing::commands;
using testing::log_of;

TEST(LogScan, ReadsBackWhatWasWritten) {
    std::vector<Entry> entries = commands(1, 20, 3);
    entries[4].kind = EntryKind::no_op;
    entries[4].data.clear();
    const std::string bytes = log_of(entries);
    const LogScan scan = scan_log(bytes, {}, bytes.size());
    EXPECT_EQ(scan.entries, entries);
    EXPECT_EQ(scan.good_bytes, bytes.size());
    EXPECT_FALSE(scan.torn);
    EXPECT_FALSE(scan.damaged);
    EXPECT_EQ(scan.must_reach, 0U);
    EXPECT_TRUE(scan.note.empty());
}

TEST(LogScan, OfNothingIsEmpty) {
    const LogScan scan = scan_log("", {.index = 7, .term = 2}, 0);
    EXPECT_TRUE(scan.entries.empty());
    EXPECT_FALSE(scan.torn || scan.damaged);
}

TEST(LogScan, CarriesTruncationsOut) {
    std::string bytes = log_of(commands(1, 10, 1));
    append_log_records(bytes, {.truncate_from = 6, .append = commands(6, 8, 2)});
    append_log_records(bytes, {.truncate_from = 8});
    const LogScan scan = scan_log(bytes, {}, 0);
    std::vector<Entry> expected = commands(1, 5, 1);
    for (Entry& entry : commands(6, 7, 2))
        expected.push_back(std::move(entry));
    EXPECT_EQ(scan.entries, expected);
    EXPECT_FALSE(scan.damaged) << scan.note;
}

TEST(LogScan, TakesZerosForTheEnd) {
    const std::string bytes = log_of(commands(1, 3, 1));
    const LogScan scan = scan_log(bytes + std::string(5000, '\0'), {}, 0);
    EXPECT_EQ(scan.entries.size(), 3U);
    EXPECT_EQ(scan.good_bytes, bytes.size());
    EXPECT_FALSE(scan.torn || scan.damaged) << scan.note;
}

TEST(LogScan, LeavesOutWhatTheSnapshotHolds) {
    const std::string bytes = log_of(commands(4, 10, 2));
    const LogScan scan = scan_log(bytes, {.index = 7, .term = 2}, bytes.size());
    EXPECT_EQ(scan.entries, commands(8, 10, 2));
}

TEST(LogScan, GoesOnBehindASnapshotThatIsAheadOfTheLog) {
    const std::string bytes = log_of(commands(1, 3, 1)) + log_of(commands(11, 12, 2));
    const LogScan scan = scan_log(bytes, {.index = 10, .term = 2}, bytes.size());
    EXPECT_EQ(scan.entries, commands(11, 12, 2));
    EXPECT_FALSE(scan.damaged) << scan.note;
}

TEST(LogScan, ForgetsALogThatTheSnapshotContradicts) {
    const std::string bytes = log_of(commands(1, 10, 1));
    const LogScan scan = scan_log(bytes, {.index = 7, .term = 2}, bytes.size());
    EXPECT_TRUE(scan.entries.empty());
    EXPECT_FALSE(scan.damaged) << scan.note;
}

TEST(LogScan, FindsEntriesMissingBehindTheSnapshot) {
    const std::string bytes = log_of(commands(9, 12, 1));
    const LogScan scan = scan_log(bytes, {.index = 5, .term = 1}, bytes.size());
    EXPECT_TRUE(scan.entries.empty());
    EXPECT_TRUE(scan.damaged);
    EXPECT_EQ(scan.must_reach, 12U);
}

TEST(LogScan, FindsAGapBetweenEntries) {
    const std::string bytes = log_of(commands(1, 3, 1)) + log_of(commands(5, 6, 1));
    const LogScan scan = scan_log(bytes, {}, 0);
    EXPECT_EQ(scan.entries, commands(1, 3, 1));
    EXPECT_TRUE(scan.damaged);
    EXPECT_EQ(scan.must_reach, 6U);
    EXPECT_EQ(scan.good_bytes, log_of(commands(1, 3, 1)).size());
}

TEST(LogScan, TakesACutAnywhereInTheLastRecordForATornTail) {
    const std::string before = log_of(commands(1, 4, 1));
    const std::string whole = before + log_of({command(5, 1, std::string(300, 'x'))});
    for (std::size_t size = before.size() + 1; size < whole.size(); ++size) {
        for (const std::size_t zeros : {0UL, 4096UL}) {
            const std::string bytes = whole.substr(0, size) + std::string(zeros, '\0');
            const LogScan scan = scan_log(bytes, {}, before.size());
            ASSERT_EQ(scan.entries, commands(1, 4, 1)) << size;
            ASSERT_TRUE(scan.torn) << size;
            ASSERT_FALSE(scan.damaged) << size << scan.note;
            ASSERT_EQ(scan.good_bytes, before.size());
            ASSERT_FALSE(scan.note.empty());
        }
    }
}

TEST(LogScan, ReadsTheSameAgainFromTheGoodBytes) {
    std::string bytes = log_of(commands(1, 30, 1));
    append_log_records(bytes, {.truncate_from = 20, .append = commands(20, 24, 2)});
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const LogScan scan = scan_log(std::string_view(bytes).substr(0, size), {}, 0);
        ASSERT_LE(scan.good_bytes, size);
        const LogScan again = scan_log(std::string_view(bytes).substr(0, scan.good_bytes), {}, 0);
        ASSERT_EQ(again.entries, scan.entries);
        ASSERT_FALSE(again.torn || again.damaged);
    }
}

}  // namespace
}  // namespace ftcore
