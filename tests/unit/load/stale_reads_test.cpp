// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/stale_reads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/load/read_history.hpp"

namespace faultline {
namespace {

using test::other_kind;
using test::read_kind;
using test::ReadHistory;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(StaleReads, ReadOfTheLastValueIsFresh) {
    ReadHistory history;
    history.write({10, 20});
    const auto second = history.write({30, 40});
    history.read({50, 60}, second);
    EXPECT_EQ(history.found().checked, 1U);
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, ReadOfAnOverwrittenValueIsStale) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    history.write({30, 40});
    history.read({50, 60}, first);
    EXPECT_EQ(history.stale(), 1U);
}

TEST(StaleReads, NothingAfterAnAcknowledgedWriteIsStale) {
    ReadHistory history;
    history.read_nothing({1, 2});
    history.write({10, 20});
    history.read_nothing({15, 25});  // at the same time as the write
    EXPECT_EQ(history.stale(), 0U);
    history.read_nothing({30, 40});
    EXPECT_EQ(history.stale(), 1U);
    EXPECT_EQ(history.found().checked, 3U);
}

TEST(StaleReads, ReadDuringAWriteMayReturnEitherValue) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    const auto second = history.write({30, 60});
    history.read({40, 50}, first);
    history.read({70, 80}, second);
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, ReadThatWasSentBeforeTheEndOfTheWriteMayReturnTheOldValue) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    history.write({30, 60});
    history.read({60, 90}, first);  // not before, but at the end
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, ConcurrentWritesMayHappenInEitherOrder) {
    for (const bool first_wins : {true, false}) {
        ReadHistory history;
        const auto first = history.write({10, 50});
        const auto second = history.write({30, 40});
        history.read({60, 70}, first_wins ? first : second);
        history.read({80, 90}, first_wins ? first : second);
        EXPECT_EQ(history.stale(), 0U);
    }
}

TEST(StaleReads, ReadsThatGoBackAreStale) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    const auto second = history.write({30, 100});  // known only because it was read
    history.read({40, 50}, second);
    history.read({60, 70}, first);
    EXPECT_EQ(history.stale(), 1U);
}

TEST(StaleReads, ConcurrentReadsMayDisagree) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    const auto second = history.write({30, 100});
    history.read({40, 60}, second);
    history.read({50, 70}, first);
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, UnknownWriteMayHappenAtAnyTime) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    const auto unknown = history.write({30, 40}, Outcome::unknown);
    history.read({50, 60}, first);
    history.read({70, 80}, unknown);
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, UnknownWriteThatWasSeenCannotBeUnseen) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    const auto unknown = history.write({30, 40}, Outcome::unknown);
    history.read({50, 60}, unknown);
    history.read({70, 80}, first);
    EXPECT_EQ(history.stale(), 1U);
    history.read_nothing({90, 95});
    EXPECT_EQ(history.stale(), 2U);
}

TEST(StaleReads, UnknownWriteMayComeAfterALaterOne) {
    ReadHistory history;
    const auto unknown = history.write({10, 20}, Outcome::unknown);
    const auto second = history.write({30, 40});
    history.read({50, 60}, second);
    history.read({70, 80}, unknown);  // it took that long
    EXPECT_EQ(history.stale(), 0U);
    history.read({90, 95}, second);  // both were known; nothing says which came first
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, UnknownWriteSeenEarlyIsOverwrittenForGood) {
    ReadHistory history;
    const auto unknown = history.write({10, 500}, Outcome::unknown);
    history.read({20, 30}, unknown);
    history.write({40, 50});
    history.read({60, 70}, unknown);
    EXPECT_EQ(history.stale(), 1U);
}

TEST(StaleReads, LagDelaysTheInstantOfSending) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    history.write({30, 40});
    history.read({35, 60}, first);
    EXPECT_EQ(history.stale(), 0U);
    history.log()[2].lag_us = 6;  // intended at 35, sent at 41
    EXPECT_EQ(history.stale(), 1U);
}

TEST(StaleReads, ReadsWithoutAnAnswerAreNotJudged) {
    ReadHistory history;
    history.write({10, 20});
    history.add(read_kind, {30, 40}, Outcome::failed, 0);
    history.add(read_kind, {30, 40}, Outcome::unknown, 0);
    EXPECT_EQ(history.found().checked, 0U);
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, ValuesThatNobodyWroteAreNotJudged) {
    ReadHistory history;
    history.key = 1;
    const auto elsewhere = history.write({1, 2});
    history.key = 0;
    history.write({10, 20});
    history.read({30, 40}, elsewhere);
    history.read({30, 40}, 77);
    history.add(read_kind, {30, 40}, Outcome::ok, foreign_version);
    history.read({50, 60}, static_cast<std::uint32_t>(history.log().size() + 1));
    history.write({70, 80});  // the value that was read before it was sent
    EXPECT_EQ(history.found().checked, 0U);
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, OtherOperationsAndOtherKeysDoNotMatter) {
    ReadHistory history;
    const auto first = history.write({10, 20});
    history.add(other_kind, {30, 40}, Outcome::ok, 9);
    history.key = 7;
    history.write({30, 40});
    history.key = 0;
    history.read({50, 60}, first);
    EXPECT_EQ(history.stale(), 0U);
}

TEST(StaleReads, KeysAreNamedOnceAndUpToALimit) {
    ReadHistory history;
    for (history.key = 0; history.key < 150; ++history.key) {
        history.write({10, 20});
        history.read_nothing({30, 40});
        history.read_nothing({50, 60});
    }
    const StaleReads found = history.found();
    EXPECT_EQ(found.stale, 300U);
    ASSERT_EQ(found.keys.size(), 100U);
    EXPECT_EQ(found.keys.back(), 99U);
    WriteCheck check;
    found.report(check, [](std::uint32_t key) { return "k" + std::to_string(key); });
    EXPECT_EQ(check.stale_reads, 300U);
    EXPECT_EQ(check.reads_checked, 300U);
    EXPECT_EQ(check.stale_keys.at(1), "k1");
}

TEST(StaleReads, EmptyLogHasNothingToJudge) {
    EXPECT_EQ(ReadHistory().found().checked, 0U);
    EXPECT_THAT(ReadHistory().found().keys, IsEmpty());
}

TEST(StaleCounters, MayNotBeBelowAnAnswerThatWasKnown) {
    ReadHistory history(/*counters=*/true);
    history.write({10, 20}, Outcome::ok, 1);
    history.write({30, 60}, Outcome::ok, 2);
    history.read({40, 50}, 1);
    history.read({70, 80}, 2);
    EXPECT_EQ(history.stale(), 0U);
    history.read({90, 95}, 1);
    history.read_nothing({90, 95});
    EXPECT_EQ(history.stale(), 2U);
    EXPECT_EQ(history.found().checked, 4U);
    EXPECT_THAT(history.found().keys, ElementsAre(0U));
}

TEST(StaleCounters, MayBeAboveEveryAnswerButNotGoBack) {
    ReadHistory history(/*counters=*/true);
    history.write({10, 20}, Outcome::ok, 1);
    history.write({15, 25}, Outcome::unknown);
    history.read({30, 40}, 2);
    history.read({35, 45}, 1);  // at the same time
    EXPECT_EQ(history.stale(), 0U);
    history.read({50, 60}, 1);
    EXPECT_EQ(history.stale(), 1U);
}

}  // namespace
}  // namespace faultline
