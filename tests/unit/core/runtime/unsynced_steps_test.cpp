// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/unsynced_steps.hpp"

#include <gtest/gtest.h>

namespace ftcore {
namespace {

StorageWork append(std::uint64_t sequence, Index first, Index last) {
    StorageWork work{.sequence = sequence};
    for (Index index = first; index <= last; ++index)
        work.append.push_back({.index = index, .term = 1, .kind = EntryKind::command, .data = "x"});
    return work;
}

TEST(UnsyncedSteps, NameTheFirstEntryThatMustBeWrittenAgain) {
    UnsyncedSteps steps;
    EXPECT_EQ(steps.first_entry(), 0U);
    steps.submitted(append(1, 1, 3));
    steps.submitted(append(2, 4, 6));
    steps.submitted({.sequence = 3, .hard_state = HardState{.term = 2, .vote = 1}});
    EXPECT_EQ(steps.first_entry(), 1U);
    steps.synced(1);
    EXPECT_EQ(steps.first_entry(), 4U);
    steps.synced(3);
    EXPECT_EQ(steps.first_entry(), 0U);
    EXPECT_EQ(steps.last_sequence(), 3U);
}

TEST(UnsyncedSteps, ATruncationReachesFurtherBackThanWhatFollowsIt) {
    UnsyncedSteps steps;
    steps.submitted(append(1, 10, 12));
    StorageWork work = append(2, 8, 9);
    work.truncate_from = 8;
    steps.submitted(work);
    EXPECT_EQ(steps.first_entry(), 8U);
}

TEST(UnsyncedSteps, KeepTheNewestVote) {
    UnsyncedSteps steps;
    steps.start_with({.term = 4, .vote = 2});
    EXPECT_EQ(steps.hard_state(), (HardState{4, 2}));
    steps.submitted({.sequence = 1, .hard_state = HardState{.term = 5, .vote = 3}});
    steps.submitted({.sequence = 2});
    steps.synced(2);
    EXPECT_EQ(steps.hard_state(), (HardState{5, 3}));
}

TEST(UnsyncedSteps, TellASnapshotThatWasBeingReceived) {
    UnsyncedSteps steps;
    StorageWork work{.sequence = 1};
    work.snapshot = SnapshotChunk{};
    steps.submitted(work);
    EXPECT_TRUE(steps.has_snapshot());
    steps.synced(1);
    EXPECT_FALSE(steps.has_snapshot());
}

}  // namespace
}  // namespace ftcore
