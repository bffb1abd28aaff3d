// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Step step(std::string name, std::vector<std::size_t> after = {}, int priority = 0) {
    return {.name = std::move(name), .after = std::move(after), .priority = priority};
}

TEST(OrderOf, PutsEachStepBehindThoseItDependsOn) {
    const std::vector<Step> steps{step("c", {1}), step("b", {2}), step("a")};
    EXPECT_THAT(order_of(steps).value(), ElementsAre(2, 1, 0));
}

TEST(OrderOf, PrefersPriorityThenPosition) {
    const std::vector<Step> steps{
        step("a"), step("b"), step("urgent", {}, 5), step("late", {2}, 9)};
    EXPECT_THAT(order_of(steps).value(), ElementsAre(2, 3, 0, 1));
}

TEST(OrderOf, TakesNoSteps) {
    EXPECT_THAT(order_of({}).value(), IsEmpty());
}

TEST(OrderOf, RefusesCycles) {
    const std::vector<Step> steps{step("first"), step("hen", {2}), step("egg", {1})};
    const auto order = order_of(steps);
    ASSERT_FALSE(order.has_value());
    EXPECT_THAT(order.error().message, HasSubstr("hen"));
    const std::vector<Step> alone{step("ouroboros", {0})};
    EXPECT_FALSE(order_of(alone).has_value());
}

TEST(OrderOf, RefusesDependenciesThatDoNotExist) {
    const std::vector<Step> steps{step("a", {7})};
    const auto order = order_of(steps);
    ASSERT_FALSE(order.has_value());
    EXPECT_THAT(order.error().message, HasSubstr("waits for step number 7"));
}

}  // namespace
}  // namespace ftcore::testing
