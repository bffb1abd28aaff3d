// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/partition_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::link {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Groups = std::vector<std::vector<std::string>>;

std::set<std::string> instances(int count) {
    std::set<std::string> names{"load"};
    for (int index = 0; index < count; ++index)
        names.insert("kv[" + std::to_string(index) + "]");
    return names;
}

/// Who sends to whom in vain: "0>1" for kv[0] to kv[1].
std::vector<std::string> cuts(PartitionShape shape,
                              const Groups& groups,
                              const std::set<std::string>& ends) {
    const auto plan = PartitionPlan::make(shape, groups, ends);
    EXPECT_TRUE(plan) << plan.error().message;
    std::vector<std::string> all;
    if (!plan) return all;
    const auto shortened = [](const std::string& name) {
        const std::size_t bracket = name.find('[');
        if (bracket == std::string::npos) return name;
        return name.substr(bracket + 1, name.size() - bracket - 2);
    };
    for (const std::string& from : ends) {
        for (const std::string& to : ends) {
            if (plan->cuts(from, to)) all.push_back(shortened(from) + ">" + shortened(to));
        }
    }
    return all;
}

std::string refused(PartitionShape shape, const Groups& groups, int count) {
    const auto plan = PartitionPlan::make(shape, groups, instances(count));
    EXPECT_FALSE(plan);
    return plan ? std::string() : plan.error().message;
}

TEST(PartitionPlan, SplitsGroupsBothWays) {
    EXPECT_THAT(cuts(PartitionShape::split, {{"kv[0]"}, {"kv[1]", "kv[2]"}}, instances(3)),
                ElementsAre("0>1", "0>2", "1>0", "2>0"));
}

TEST(PartitionPlan, LeavesThoseInNoGroupAlone) {
    EXPECT_THAT(cuts(PartitionShape::split, {{"kv[0]"}, {"kv[1]"}}, instances(4)),
                ElementsAre("0>1", "1>0"));
}

TEST(PartitionPlan, SplitsMoreThanTwoGroupsAndTheLoad) {
    EXPECT_THAT(cuts(PartitionShape::split, {{"kv[0]"}, {"kv[1]"}, {"load"}}, instances(2)),
                ElementsAre("0>1", "0>load", "1>0", "1>load", "load>0", "load>1"));
}

TEST(PartitionPlan, HoldsOneWayOnly) {
    EXPECT_THAT(cuts(PartitionShape::one_way, {{"kv[0]"}, {"kv[1]", "kv[2]"}}, instances(4)),
                ElementsAre("0>1", "0>2"));
    EXPECT_THAT(cuts(PartitionShape::one_way, {{"kv[0]"}}, instances(3)),
                ElementsAre("0>1", "0>2", "0>load"));
}

TEST(PartitionPlan, IsolatesEachOfTheGroupFromEveryone) {
    EXPECT_THAT(cuts(PartitionShape::isolate, {{"kv[0]"}}, instances(3)),
                ElementsAre("0>1", "0>2", "0>load", "1>0", "2>0", "load>0"));
    EXPECT_THAT(cuts(PartitionShape::isolate, {{"kv[0]", "kv[1]"}}, {"kv[0]", "kv[1]", "kv[2]"}),
                ElementsAre("0>1", "0>2", "1>0", "1>2", "2>0", "2>1"));
}

TEST(PartitionPlan, LetsEachOfARingSeeItsNeighbours) {
    EXPECT_THAT(cuts(PartitionShape::ring, {}, instances(4)),
                ElementsAre("0>2", "1>3", "2>0", "3>1"));
    EXPECT_THAT(cuts(PartitionShape::ring, {}, instances(5)),
                ElementsAre("0>2", "0>3", "1>3", "1>4", "2>0", "2>4", "3>0", "3>1", "4>1", "4>2"));
}

TEST(PartitionPlan, CountsIndicesAsNumbersInARing) {
    const auto plan = PartitionPlan::make(PartitionShape::ring, {}, instances(12));
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->cuts("kv[9]", "kv[10]"));
    EXPECT_FALSE(plan->cuts("kv[11]", "kv[0]"));
    EXPECT_TRUE(plan->cuts("kv[1]", "kv[10]"));
    EXPECT_FALSE(plan->cuts("load", "kv[5]"));
}

TEST(PartitionPlan, BridgesTwoHalves) {
    EXPECT_THAT(cuts(PartitionShape::bridge, {}, instances(3)), ElementsAre("0>2", "2>0"));
    EXPECT_THAT(cuts(PartitionShape::bridge, {}, instances(5)),
                ElementsAre("0>3", "0>4", "1>3", "1>4", "3>0", "3>1", "4>0", "4>1"));
}

TEST(PartitionPlan, TakesTheMembersOfARingOrBridgeFromItsGroups) {
    EXPECT_THAT(cuts(PartitionShape::bridge, {{"kv[3]", "kv[1]"}, {"kv[0]"}}, instances(4)),
                ElementsAre("0>3", "3>0"));
}

TEST(PartitionPlan, RefusesGroupsThatDoNotFitTheShape) {
    EXPECT_THAT(refused(PartitionShape::split, {}, 3), HasSubstr("two groups or more, found 0"));
    EXPECT_THAT(refused(PartitionShape::split, {{"kv[0]"}}, 3), HasSubstr("found 1"));
    EXPECT_THAT(refused(PartitionShape::one_way, {}, 3), HasSubstr("a group or more"));
    EXPECT_THAT(refused(PartitionShape::isolate, {}, 3), HasSubstr("one group, found 0"));
    EXPECT_THAT(refused(PartitionShape::isolate, {{"kv[0]"}, {"kv[1]"}}, 3), HasSubstr("found 2"));
    EXPECT_THAT(refused(PartitionShape::ring, {}, 3), HasSubstr("4 instances or more, found 3"));
    EXPECT_THAT(refused(PartitionShape::bridge, {}, 2), HasSubstr("3 instances or more, found 2"));
    EXPECT_THAT(refused(PartitionShape::ring, {{"kv[0]", "kv[1]"}}, 9), HasSubstr("found 2"));
}

TEST(PartitionPlan, RefusesThoseOnTwoSidesAndEmptyGroups) {
    EXPECT_THAT(refused(PartitionShape::split, {{"kv[0]", "kv[1]"}, {"kv[1]"}}, 3),
                HasSubstr("kv[1] is in group 1 and in group 2"));
    EXPECT_THAT(refused(PartitionShape::split, {{"kv[0]"}, {}}, 3), HasSubstr("group 2 is empty"));
}

}  // namespace
}  // namespace faultline::link
