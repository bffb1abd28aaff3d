// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/world.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/simulation/search/search.hpp"

namespace ftcore::simulation {
namespace {

constexpr Wanted twenty_seconds{.length = std::chrono::seconds(20)};

/// The trace of a world, every line of it.
std::string trace_of(std::uint64_t seed, Report& report) {
    char* text = nullptr;
    std::size_t bytes = 0;
    std::FILE* out = open_memstream(&text, &bytes);
    report = run_seed(seed, twenty_seconds, out);
    std::fclose(out);
    std::string trace(text, bytes);
    std::free(text);
    return trace;
}

TEST(World, IsTheSameByteForByteWithTheSameSeed) {
    for (const std::uint64_t seed : {3U, 4U, 5U}) {
        Report first;
        Report second;
        const std::string trace = trace_of(seed, first);
        EXPECT_GT(trace.size(), 10'000U);
        EXPECT_TRUE(trace == trace_of(seed, second)) << "seed " << seed;
        EXPECT_EQ(first.trace_hash, second.trace_hash);
        EXPECT_EQ(run_seed(seed, twenty_seconds).trace_hash, first.trace_hash)
            << "writing the trace changes nothing";
    }
}

TEST(World, IsAnotherOneWithAnotherSeed) {
    EXPECT_NE(run_seed(1, twenty_seconds).trace_hash, run_seed(2, twenty_seconds).trace_hash);
}

TEST(World, MeetsEveryKindOfFaultWithinAFewSeeds) {
    Counts counts;
    for (std::uint64_t seed = 1; seed <= 60; ++seed)
        counts.add(run_seed(seed, twenty_seconds).counts);
    for (std::size_t kind = 0; kind < count_kinds; ++kind) {
        const auto count = static_cast<Count>(kind);
        if (count == Count::undecided_histories) {
            EXPECT_EQ(counts[count], 0U) << "every history is decided";
        } else {
            EXPECT_GT(counts[count], 0U) << count_names[kind];
        }
    }
}

/// Whom a member reaches both ways, itself included.
std::size_t reach(const Cut& cut, NodeId count, NodeId member, NodeId without = nobody) {
    std::size_t reached = 0;
    for (NodeId other = 1; other <= count; ++other) {
        const bool both = other == member ||
                          (!cut.closes(count, member, other) && !cut.closes(count, other, member));
        reached += both && other != without;
    }
    return reached;
}

TEST(Cut, OfTheFirstShapesLeavesAMajorityWhoeverHasTheNewestLog) {
    for (std::size_t shape = 0; shape < majority_shape_count; ++shape) {
        for (const NodeId count : {3U, 5U}) {
            const std::size_t quorum = count / 2 + 1;
            for (NodeId centre = 1; centre <= count; ++centre) {
                const Cut cut{.shape = static_cast<Shape>(shape), .centre = centre};
                for (NodeId newest = 1; newest <= count; ++newest) {
                    if (reach(cut, count, newest) >= quorum) continue;
                    // Then all others must do without it.
                    for (NodeId other = 1; other <= count; ++other) {
                        EXPECT_TRUE(other == newest || reach(cut, count, other, newest) >= quorum)
                            << "shape " << shape << ", " << count << " members, centre " << centre;
                    }
                }
            }
        }
    }
}

TEST(World, KeepsToWhatIsWanted) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Plan plan = draw_plan(seed, {.nodes = 5, .witness = false, .level = Level::medium});
        EXPECT_EQ(plan.consensus.members.size(), 5U);
        EXPECT_EQ(plan.consensus.level, Level::medium);
        EXPECT_FALSE(plan.consensus.members.back().witness);
    }
}

TEST(World, DrawsSettingsThatAreAllowed) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Plan plan = draw_plan(seed, {});
        plan.consensus.self = 1;
        const Result<> allowed = Consensus::check(plan.consensus);
        EXPECT_TRUE(allowed) << seed << ": " << (allowed ? "" : allowed.error().message);
    }
}

TEST(World, DrawsClocksWithinTheAllowedDrift) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const Plan plan = draw_plan(seed, {.nodes = 3});
        const auto [slowest, fastest] = std::ranges::minmax(plan.drifts);
        const double ratio =
            (1e6 + static_cast<double>(fastest)) / (1e6 + static_cast<double>(slowest));
        EXPECT_LE(ratio, 1 + plan.consensus.clock_drift) << seed;
    }
}

// A whole sanitizer run takes ten times as long as a release one.
#ifdef NDEBUG
constexpr std::uint64_t clean_seeds = 600;
#else
constexpr std::uint64_t clean_seeds = 60;
#endif

TEST(CleanSeeds, BreakNothing) {
    constexpr std::uint64_t first = 1'000'000;
    const auto result = search(
        {.first = first, .last = first + clean_seeds - 1, .jobs = 2, .keep_going = true}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->seeds, clean_seeds);
    for (const Report& report : result->failures)
        ADD_FAILURE() << "seed " << report.seed << " broke \"" << report.property
                      << "\": " << report.how << "\nagain: simulate --seed " << report.seed;
}

}  // namespace
}  // namespace ftcore::simulation
