// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/search/mutations.hpp"

#include <gtest/gtest.h>

#include "tests/simulation/search/search.hpp"

namespace ftcore::simulation {
namespace {

/// Within so many seeds of a minute a planted bug must be found; each search begins where it takes
/// a while but not long, so that it still is one.
constexpr std::uint64_t seeds_max = 2000;

struct Planted {
    Mutation mutation;
    std::uint64_t first;
};

class PlantedBug : public testing::TestWithParam<Planted> {
  protected:
    void SetUp() override { active_mutation = GetParam().mutation; }
    void TearDown() override { active_mutation = Mutation::none; }
};

TEST_P(PlantedBug, IsFound) {
    const std::uint64_t first = GetParam().first;
    const auto result = search({.first = first, .last = first + seeds_max - 1, .jobs = 2}, {});
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_FALSE(result->failures.empty()) << "not within " << seeds_max << " seeds";
    const Report& report = result->failures.front();
    std::printf("found after %llu seeds, by seed %llu: %s: %s\n",
                static_cast<unsigned long long>(result->seeds),
                static_cast<unsigned long long>(report.seed),
                report.property.c_str(),
                report.how.c_str());
    // The seed breaks again by itself, and not without the bug.
    active_mutation = Mutation::none;
    EXPECT_TRUE(run_seed(report.seed, {}).clean());
}

std::string name_of_planted(const testing::TestParamInfo<Planted>& info) {
    for (const MutationName& one : mutation_names) {
        if (one.mutation == info.param.mutation) return std::string(one.name);
    }
    return "unnamed";
}

INSTANTIATE_TEST_SUITE_P(All,
                         PlantedBug,
                         testing::Values(Planted{Mutation::vote_twice_in_a_term, 1},
                                         Planted{Mutation::forget_to_sync_the_vote, 10},
                                         Planted{Mutation::acknowledge_before_quorum, 1},
                                         Planted{Mutation::read_without_lease, 240},
                                         Planted{Mutation::skip_torn_tail_check, 1},
                                         Planted{Mutation::commit_old_term_by_counting, 330},
                                         Planted{Mutation::reuse_snapshot_index, 1},
                                         Planted{Mutation::resume_old_leaders_queue, 1}),
                         name_of_planted);

TEST(PlantedBugs, AreAllLookedFor) {
    constexpr std::size_t bugs = 8;
    EXPECT_EQ(mutation_names.size(), bugs + 1);
    EXPECT_EQ(static_cast<std::size_t>(Mutation::resume_old_leaders_queue), bugs);
}

}  // namespace
}  // namespace ftcore::simulation
