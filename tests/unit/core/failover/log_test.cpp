// SPDX-License-Identifier: Apache-2.0
#include "targets/core/failover/log.hpp"

#include <gtest/gtest.h>

namespace ftcore {
namespace {

Log log_of(SnapshotMark behind, const std::vector<Term>& terms) {
    Log log(behind);
    for (const Term term : terms) {
        log.append({.index = log.last_index() + 1, .term = term, .data = "x"});
    }
    return log;
}

TEST(Log, BeginsBehindItsMark) {
    const Log log({.index = 7, .term = 2});
    EXPECT_EQ(log.last_index(), 7U);
    EXPECT_EQ(log.last(), (SnapshotMark{7, 2}));
    EXPECT_EQ(log.term_at(7), 2U);
    EXPECT_EQ(log.term_at(6), std::nullopt);
    EXPECT_EQ(log.term_at(8), std::nullopt);
    EXPECT_FALSE(log.holds(7));
}

TEST(Log, FindsWhereATermBeginsAndEnds) {
    const Log log = log_of({.index = 3, .term = 1}, {1, 2, 2, 2, 5});
    EXPECT_EQ(log.run_begin(7), 5U);
    EXPECT_EQ(log.run_begin(4), 4U);
    EXPECT_EQ(log.last_not_newer(2), (SnapshotMark{7, 2}));
    EXPECT_EQ(log.last_not_newer(4), (SnapshotMark{7, 2}));
    EXPECT_EQ(log.last_not_newer(9), (SnapshotMark{8, 5}));
    EXPECT_EQ(log.last_not_newer(0), (SnapshotMark{3, 1}));
}

TEST(Log, ForgetsAtBothEnds) {
    Log log = log_of({}, {1, 1, 2, 2, 3});
    log.truncate_from(5);
    EXPECT_EQ(log.last(), (SnapshotMark{4, 2}));
    log.forget_to(2);
    EXPECT_EQ(log.behind(), (SnapshotMark{2, 1}));
    EXPECT_FALSE(log.holds(2));
    EXPECT_EQ(log.at(3).term, 2U);
    log.forget_to(1);
    EXPECT_EQ(log.behind(), (SnapshotMark{2, 1}));
    log.reset({.index = 9, .term = 4});
    EXPECT_EQ(log.last(), (SnapshotMark{9, 4}));
}

TEST(Log, CopiesARange) {
    const Log log = log_of({.index = 3, .term = 1}, {1, 2, 2});
    const auto copied = log.copy(4, 5);
    ASSERT_EQ(copied.size(), 2U);
    EXPECT_EQ(copied[0].index, 4U);
    EXPECT_EQ(copied[1].term, 2U);
    EXPECT_TRUE(log.copy(5, 4).empty());
}

TEST(LogDeathTest, TakesNoGap) {
    Log log;
    EXPECT_DEATH(log.append({.index = 2, .term = 1}), "last_index");
}

}  // namespace
}  // namespace ftcore
