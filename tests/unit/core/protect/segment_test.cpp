// SPDX-License-Identifier: Apache-2.0
#include "targets/core/protect/segment.hpp"

#include <gtest/gtest.h>

#include "targets/core/protect/log_length.hpp"
#include "targets/core/protect/term_runs.hpp"

namespace ftcore {
namespace {

TEST(SegmentHeader, ReadsBackWhatWasWritten) {
    const SegmentHeader header{.number = 7,
                               .behind = {.index = 1234, .term = 5},
                               .previous_number = 6,
                               .previous_bytes = 99'999,
                               .salt = 0xfeedbeef};
    const std::string bytes = encode_segment_header(header);
    EXPECT_EQ(bytes.size(), segment_header_bytes);
    const auto read = decode_segment_header(bytes + "records");
    ASSERT_TRUE(read.header);
    EXPECT_EQ(read.header->number, 7U);
    EXPECT_EQ(read.header->behind, (SnapshotMark{1234, 5}));
    EXPECT_EQ(read.header->previous_number, 6U);
    EXPECT_EQ(read.header->previous_bytes, 99'999U);
    EXPECT_EQ(read.header->salt, 0xfeedbeefU);
}

TEST(SegmentHeader, IsDamagedByAnyFlippedBit) {
    const std::string bytes = encode_segment_header({.number = 1, .salt = 3});
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string broken = bytes;
        broken[at] = static_cast<char>(broken[at] ^ (1 << (at % 8)));
        const auto read = decode_segment_header(broken);
        ASSERT_FALSE(read.header) << at;
        ASSERT_EQ(read.unknown_version, 0U) << at;
    }
    EXPECT_FALSE(decode_segment_header(bytes.substr(0, bytes.size() - 1)).header);
}

TEST(SegmentName, GivesItsNumberBack) {
    EXPECT_EQ(segment_name(42), "000000000042.wal");
    EXPECT_EQ(segment_number("000000000042.wal"), 42U);
    for (const char* other :
         {"000000000000.wal", "x.wal", ".wal", "000000000042.wal.new", "synced", "-1.wal"}) {
        EXPECT_FALSE(segment_number(other)) << other;
    }
}

TEST(TermRuns, KnowTheTermOfEveryIndex) {
    TermRuns terms({.index = 10, .term = 2});
    for (Index index = 11; index <= 15; ++index)
        terms.append(index, 2);
    for (Index index = 16; index <= 18; ++index)
        terms.append(index, 5);
    EXPECT_EQ(terms.last(), (SnapshotMark{18, 5}));
    EXPECT_FALSE(terms.term_at(9));
    EXPECT_EQ(terms.term_at(10), 2U);
    EXPECT_EQ(terms.term_at(15), 2U);
    EXPECT_EQ(terms.term_at(16), 5U);
    EXPECT_FALSE(terms.term_at(19));
}

TEST(TermRuns, ForgetWhatIsTruncated) {
    TermRuns terms({.index = 10, .term = 2});
    for (Index index = 11; index <= 18; ++index)
        terms.append(index, index < 15 ? 3 : 4);
    terms.truncate_from(30);
    EXPECT_EQ(terms.last(), (SnapshotMark{18, 4}));
    terms.truncate_from(15);
    EXPECT_EQ(terms.last(), (SnapshotMark{14, 3}));
    terms.truncate_from(11);
    EXPECT_EQ(terms.last(), (SnapshotMark{10, 2}));
    terms.append(11, 9);
    EXPECT_EQ(terms.term_at(11), 9U);
}

TEST(LogLength, TellsWhatIsBehindAnIndex) {
    LogLength length;
    for (Index index = 1; index <= 100; ++index)
        length.grow(index, 10'000);
    EXPECT_EQ(length.behind(0), 1'000'000U);
    const std::size_t behind_half = length.behind(50);
    EXPECT_GE(behind_half, 500'000U);
    EXPECT_LE(behind_half, 580'000U) << "to within a sample";
    length.clear();
    EXPECT_EQ(length.behind(60), 0U);
    length.grow(101, 7);
    EXPECT_EQ(length.behind(60), 7U);
}

}  // namespace
}  // namespace ftcore
