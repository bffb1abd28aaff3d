// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/json_pick.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::map<std::string, std::string> picked(std::string_view json) {
    std::map<std::string, std::string> values;
    const auto done = pick_json(json, [&values](const PickedValue& value) {
        values[std::string(value.path)] =
            value.is_number ? std::to_string(value.number) : std::string(value.text);
    });
    EXPECT_TRUE(done) << done.error().message;
    return values;
}

TEST(JsonPick, FindsValuesByTheirPathAndLeavesListsOut) {
    EXPECT_THAT(picked(R"({"a": {"b": 1, "c": {"d": "x"}}, "list": [1, {"b": 2}, [3]], "e": true,
                           "n": null, "f": -2.5})"),
                ElementsAre(Pair("/a/b", "1.000000"),
                            Pair("/a/c/d", "x"),
                            Pair("/e", "true"),
                            Pair("/f", "-2.500000")));
}

TEST(JsonPick, SaysWhereItIsNotJson) {
    for (const char* text : {"", "{", "{\"a\": }", "[1,2", "{\"a\": \"\xff\"}", "nonsense"})
        EXPECT_FALSE(pick_json(text, [](const PickedValue&) {})) << text;
}

}  // namespace
}  // namespace faultline::reports
