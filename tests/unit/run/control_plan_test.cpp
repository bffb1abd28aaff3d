// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gtest/gtest.h>

#include "harness/run/run.hpp"

namespace faultline {
namespace {

TEST(ControlPlan, HasExactlyTheAskedNumberOfEach) {
    for (const auto& [count, control] : {std::pair{20, 2}, {1, 1}, {3, 7}, {10, 0}, {0, 4}}) {
        const auto plan = control_plan(count, control);
        EXPECT_EQ(plan.size(), static_cast<std::size_t>(count + control));
        EXPECT_EQ(std::count(plan.begin(), plan.end(), true), control);
    }
}

TEST(ControlPlan, SpreadsControlsAndStartsWithAFault) {
    const auto plan = control_plan(8, 2);
    EXPECT_FALSE(plan.front());
    EXPECT_TRUE(plan[4]);
    EXPECT_TRUE(plan[9]);
}

TEST(RunId, IsFreshEachTime) {
    EXPECT_NE(new_run_id(), new_run_id());
}

TEST(ResultDirectoryName, NamesTheScenarioAndTheCase) {
    Scenario scenario;
    scenario.name = "crash";
    scenario.parameters = {{"rate", "100/s"}};
    const std::string name = result_directory_name(scenario, "abc123").string();
    EXPECT_TRUE(name.starts_with("results/crash-rate=100_s-")) << name;
    EXPECT_TRUE(name.ends_with("-abc123")) << name;
}

}  // namespace
}  // namespace faultline
