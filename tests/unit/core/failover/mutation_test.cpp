// SPDX-License-Identifier: Apache-2.0
// Each deliberate bug must be found by the checks that pass without it.
#include "targets/core/failover/mutation.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/failover/solo.hpp"
#include "tests/unit/core/failover/storm.hpp"

namespace ftcore {
namespace {

constexpr int seeds_max = 60;

class DeliberateBug : public testing::TestWithParam<Mutation> {
  protected:
    void TearDown() override { active_mutation = Mutation::none; }
};

TEST_P(DeliberateBug, IsFoundInAStorm) {
    active_mutation = GetParam();
    std::string found;
    for (int seed = 1; seed <= seeds_max && found.empty(); ++seed) {
        const auto number = static_cast<std::uint64_t>(seed);
        if (seed % 3 == 0) {
            Group group(election_storm_options(number));
            election_storm(group, 2000);
            found = group.broken;
        } else if (seed % 3 == 1) {
            Group group({.seed = number});
            partition_storm(group);
            found = group.broken;
        } else {
            Group group(storm_options(number, {}));
            storm(group, 400, true);
            found = group.broken;
        }
        if (!found.empty()) found += " (seed " + std::to_string(seed) + ")";
    }
    EXPECT_NE(found, "");
    RecordProperty("found", found);
}

INSTANTIATE_TEST_SUITE_P(All,
                         DeliberateBug,
                         testing::Values(Mutation::vote_twice_in_a_term,
                                         Mutation::forget_to_sync_the_vote,
                                         Mutation::acknowledge_before_quorum,
                                         Mutation::read_without_lease,
                                         Mutation::reuse_snapshot_index,
                                         Mutation::resume_old_leaders_queue));

// It takes three leaders in the right order to do harm (figure 3.7 of Ongaro 2014), so it is looked
// for directly.
TEST(DeliberateBugInOneMember, CommitsAnOldTermByCounting) {
    for (const bool bug : {false, true}) {
        active_mutation = bug ? Mutation::commit_old_term_by_counting : Mutation::none;
        Solo solo({.recovered = {.hard_state = {.term = 1}, .entries = entries_of(1, 0, 1)}});
        solo.elect();
        solo.receive(2, 2, AppendReply{.accepted = true, .match = 1, .round = 1});
        EXPECT_EQ(solo->commit(), bug ? 1U : 0U);
    }
    active_mutation = Mutation::none;
}

}  // namespace
}  // namespace ftcore
