// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "targets/core/protect/log_codec.hpp"

namespace ftcore {
namespace {

TEST(VoteSlots, ReadBackTheNewest) {
    const std::string older = vote_slot({.term = 4, .vote = 1}, 7);
    const std::string newer = vote_slot({.term = 5, .vote = 2}, 8);
    EXPECT_EQ(older.size(), vote_slot_bytes);
    for (const VoteScan& scan : {scan_votes(older, newer), scan_votes(newer, older)}) {
        EXPECT_EQ(scan.state, (HardState{5, 2}));
        EXPECT_EQ(scan.count, 8U);
        EXPECT_FALSE(scan.damaged);
    }
}

TEST(VoteSlots, SurviveAnyFlippedBitInOneOfThem) {
    const std::string slot = vote_slot({.term = 5, .vote = 2}, 8);
    for (std::size_t bit = 0; bit < slot.size() * 8; ++bit) {
        std::string broken = slot;
        broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << (bit % 8)));
        ASSERT_EQ(scan_votes(broken, slot).state, (HardState{5, 2}));
        ASSERT_EQ(scan_votes(slot, broken).state, (HardState{5, 2}));
        ASSERT_TRUE(scan_votes(broken, broken).damaged);
    }
}

TEST(VoteSlots, AreEmptyBeforeTheFirstVote) {
    EXPECT_FALSE(scan_votes("", "").damaged);
    const std::string zeros(vote_slot_bytes, '\0');
    EXPECT_FALSE(scan_votes(zeros, zeros).damaged);
    EXPECT_EQ(scan_votes(zeros, "").state, HardState{});
}

TEST(VoteSlots, CutShortAreDamage) {
    const std::string slot = vote_slot({.term = 5, .vote = 2}, 8);
    EXPECT_TRUE(scan_votes(slot.substr(0, 40), "").damaged);
}

}  // namespace
}  // namespace ftcore
