// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/start_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string mistake_in(const std::vector<ChildSpec>& children) {
    const auto order = start_order(children);
    return order ? "" : order.error().message;
}

TEST(StartOrder, IsAsWrittenWhereNobodyWaits) {
    EXPECT_THAT(*start_order({{.name = "a"}, {.name = "b"}, {.name = "c"}}), ElementsAre(0, 1, 2));
}

TEST(StartOrder, PutsAChildBehindThoseItStartsAfter) {
    EXPECT_THAT(*start_order({{.name = "a", .after = {"c"}},
                              {.name = "b"},
                              {.name = "c", .after = {"d"}},
                              {.name = "d"}}),
                ElementsAre(1, 3, 2, 0));
}

TEST(StartOrder, RefusesWhatCannotBeOrdered) {
    EXPECT_THAT(mistake_in({{.name = "a"}, {.name = "a"}}), HasSubstr("two children are called a"));
    EXPECT_THAT(mistake_in({{.name = "worker"}, {.name = "b", .after = {"wroker"}}}),
                HasSubstr("did you mean \"worker\"?"));
    EXPECT_THAT(
        mistake_in({{.name = "a", .after = {"b"}}, {.name = "b", .after = {"a"}}, {.name = "c"}}),
        HasSubstr("a, b wait for each other"));
    EXPECT_THAT(mistake_in({{.name = "a", .after = {"a"}}}), HasSubstr("wait for each other"));
}

}  // namespace
}  // namespace ftcore
