// SPDX-License-Identifier: Apache-2.0
#include "targets/core/errors/error_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Instant at(int second) {
    return Instant(std::chrono::seconds(second));
}

TEST(ErrorLog, CountsByCode) {
    ErrorLog log;
    log.record(at(1), ErrorCode::storage_failed, "fsync");
    log.record(at(2), ErrorCode::storage_failed, "fsync");
    log.record(at(3), ErrorCode::peer_lost, "kv[1]");
    EXPECT_EQ(log.count(ErrorCode::storage_failed), 2U);
    EXPECT_EQ(log.count(ErrorCode::internal), 0U);
    EXPECT_EQ(log.total(), 3U);
    ASSERT_THAT(log.counts(), SizeIs(2));
    EXPECT_EQ(log.counts()[0].code, ErrorCode::storage_failed);
    EXPECT_EQ(log.counts()[1].code, ErrorCode::peer_lost);
}

TEST(ErrorLog, KeepsTheMostRecentNewestFirst) {
    ErrorLog log(3);
    EXPECT_THAT(log.recent(), IsEmpty());
    for (int i = 1; i <= 5; ++i)
        log.record(at(i), ErrorCode::internal, std::to_string(i));
    std::vector<std::string> details;
    for (const ErrorRecord& record : log.recent())
        details.push_back(record.detail);
    EXPECT_THAT(details, ElementsAre("5", "4", "3"));
    EXPECT_THAT(log.recent(1), SizeIs(1));
    EXPECT_EQ(log.count(ErrorCode::internal), 5U);
}

TEST(ErrorLog, CutsLongDetails) {
    ErrorLog log(1);
    log.record(at(1), ErrorCode::internal, std::string(10'000, 'x'));
    EXPECT_EQ(log.recent()[0].detail.size(), ErrorLog::detail_bytes_max);
}

TEST(ErrorLog, SpeaksInLines) {
    ErrorLog log;
    log.record(at(1), ErrorCode::storage_full, "append to segment 3");
    const auto lines = log.lines(at(3));
    ASSERT_THAT(lines, SizeIs(2));
    EXPECT_THAT(lines[0], HasSubstr("STORAGE_FULL 1 critical"));
    EXPECT_EQ(lines[1], "2.00 s ago STORAGE_FULL append to segment 3");
}

}  // namespace
}  // namespace ftcore::testing
