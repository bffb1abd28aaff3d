// SPDX-License-Identifier: Apache-2.0
// Whole groups in virtual time.
#include "tests/unit/core/failover/group.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/failover/storm.hpp"

namespace ftcore {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class GroupOf : public testing::TestWithParam<std::size_t> {};

TEST_P(GroupOf, ElectsALeaderAndAgrees) {
    Group group({.count = GetParam()});
    ASSERT_TRUE(group.elect()) << group.broken;
    const NodeId leader = group.serving();
    const auto token = group.propose(leader, "a");
    EXPECT_TRUE(group.run_until([&] { return group.acknowledged(token); })) << group.broken;
    EXPECT_TRUE(group.run_until([&] { return group.converged(); })) << group.broken;
    EXPECT_EQ(group.node(1).state, "a\n");
}

INSTANTIATE_TEST_SUITE_P(Sizes, GroupOf, testing::Values(1U, 3U, 5U));

class GroupInAStorm : public testing::TestWithParam<Storm> {};

int storm_seeds() {
    const char* seeds = std::getenv("FAULTLINE_STORM_SEEDS");
    return seeds == nullptr ? 5 : std::atoi(seeds);
}

TEST_P(GroupInAStorm, KeepsWhatItAcknowledgedAndRecovers) {
    const int seeds = storm_seeds();
    for (int seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Group group(storm_options(static_cast<std::uint64_t>(seed), GetParam()));
        // Level low promises nothing across leaders, level medium nothing to a loss of power.
        group.check_agreement = GetParam().level == Level::high ||
                                (GetParam().level == Level::medium && !GetParam().power);
        storm(group, 300, GetParam().power);
        ASSERT_EQ(group.broken, "");
        calm(group);
        ASSERT_TRUE(group.run_until([&] { return group.serving() != nobody; })) << group.broken;
        ASSERT_TRUE(group.run_until([&] { return group.converged(); })) << group.broken;
    }
}

TEST(Group, LosesNoVoteWithThePower) {
    for (int seed = 1; seed <= storm_seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Group group(election_storm_options(static_cast<std::uint64_t>(seed)));
        election_storm(group, 2000);
        ASSERT_EQ(group.broken, "");
        calm(group);
        ASSERT_TRUE(group.elect()) << group.broken;
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         GroupInAStorm,
                         testing::Values(Storm{3, 0, Level::high, true},
                                         Storm{5, 0, Level::high, true},
                                         Storm{3, 1, Level::high, true},
                                         Storm{5, 2, Level::high, true},
                                         Storm{3, 0, Level::medium, false},
                                         Storm{3, 0, Level::medium, true},
                                         Storm{3, 0, Level::low, false},
                                         Storm{3, 1, Level::low, true},
                                         Storm{1, 0, Level::high, true}));

}  // namespace
}  // namespace ftcore
