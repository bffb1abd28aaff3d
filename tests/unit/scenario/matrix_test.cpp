// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/matrix.hpp"

#include <gtest/gtest.h>

#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr const char* two_axes =
    R"({"name": "m", "parameters": {"size": [1, 2], "rate": ["10/s", "20/s", "30/s"], "fixed": "x"},
  "targets": {"kv": {"count": "${param.size}", "command": ["kv", "--${param.fixed}=${param.size}", "$${param.size}"]}},
  "load": {"driver": "redis", "to": "kv", "rate": "${param.rate}"}})";

TEST(Matrix, SpansEveryCombinationInTheOrderOfTheFile) {
    const LoadedScenario loaded = load_text(two_axes);
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    ASSERT_THAT(loaded.cases, SizeIs(6));
    EXPECT_THAT(loaded.cases[0].parameters,
                ElementsAre(Pair("fixed", "x"), Pair("rate", "10/s"), Pair("size", "1")));
    EXPECT_THAT(loaded.cases[1].parameters, testing::Contains(Pair("rate", "20/s")));
    EXPECT_THAT(loaded.cases[3].parameters, testing::Contains(Pair("size", "2")));
    EXPECT_EQ(loaded.cases[5].load->rate, 30.0);
}

TEST(Matrix, KeepsTheTypeOfAWholeTextAndFillsPartsOfOthers) {
    const LoadedScenario loaded = load_text(two_axes);
    ASSERT_THAT(loaded.cases, SizeIs(6));
    EXPECT_THAT(loaded.cases[5].targets[0].instances, SizeIs(2));
    EXPECT_THAT(loaded.cases[5].targets[0].instances[0].command,
                ElementsAre("kv", "--x=2", "$${param.size}"));
}

TEST(Matrix, IsReducedBySet) {
    const LoadedScenario loaded = load_text(two_axes, {.set = {{"size", "3"}, {"rate", "5/s"}}});
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    ASSERT_THAT(loaded.cases, SizeIs(1));
    EXPECT_EQ(loaded.cases[0].load->rate, 5.0);
    EXPECT_THAT(loaded.cases[0].targets[0].instances, SizeIs(3));
}

TEST(Matrix, TakesPointersInSet) {
    const LoadedScenario loaded = load_text(two_axes,
                                            {.set = {{"/trials/count", "4"},
                                                     {"/targets/kv/command/0", "other"},
                                                     {"size", "1"},
                                                     {"rate", "5/s"}}});
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    EXPECT_EQ(loaded.cases[0].trials.count, 4);
    EXPECT_EQ(loaded.cases[0].targets[0].instances[0].command[0], "other");
}

TEST(Matrix, ReportsWrongSets) {
    EXPECT_THAT(mistakes_in(two_axes, {.set = {{"sizes", "1"}}}),
                ElementsAre("--set sizes=1: /parameters/sizes: unknown parameter \"sizes\"; did "
                            "you mean \"size\"?; "
                            "a name that starts with '/' is a JSON pointer"));
    EXPECT_THAT(mistakes_in(two_axes, {.set = {{"/trials/cuont", "4"}}}),
                ElementsAre("--set /trials/cuont=4: /trials/cuont: unknown key \"cuont\"; did you "
                            "mean \"count\"?"));
    EXPECT_THAT(mistakes_in(two_axes, {.set = {{"/trials/count", "4s"}}}),
                ElementsAre("--set /trials/count=4s: /trials/count: expected a whole number, found "
                            "the text \"4s\""));
    EXPECT_THAT(mistakes_in(two_axes, {.set = {{"/targets/kv/command/9", "x"}}}),
                mistakes_with("there is no element 9 in an array of 3"));
    EXPECT_THAT(mistakes_in(two_axes, {.set = {{"/name/x", "x"}}}),
                mistakes_with("nothing is named \"x\""));
    EXPECT_THAT(mistakes_in(two_axes, {.set = {{"size", "[1]"}}}),
                mistakes_with("expected a text, a number"));
}

TEST(Matrix, ReportsAMistakeOnceForAllCases) {
    EXPECT_THAT(
        mistakes_in(
            R"({"name": "m", "parameters": {"a": [1, 2, 3]}, "targets": {"kv": {"command": ["${param.b}"]}}})"),
        mistakes_with("unknown parameter in \"${param.b}\"; did you mean \"a\"?"));
}

TEST(Matrix, RefusesWhatIsNoValue) {
    const auto mistakes = [](const std::string& parameters) {
        return mistakes_in(with("\"parameters\": " + parameters));
    };
    EXPECT_THAT(mistakes("[]"), mistakes_with("expected an object of parameter names"));
    EXPECT_THAT(mistakes(R"({"a": []})"), mistakes_with("at least one value"));
    EXPECT_THAT(mistakes(R"({"a": [{}]})"), mistakes_with("found an object"));
    EXPECT_THAT(mistakes(R"({"a": null})"), mistakes_with("found null"));
    EXPECT_THAT(mistakes(R"({"a": "${param.a}"})"), mistakes_with("cannot refer to parameters"));
    EXPECT_THAT(mistakes(R"({"a b": 1})"), mistakes_with("cannot name a parameter"));
}

TEST(Matrix, SaysNothingMoreAboutAnUnknownParameter) {
    EXPECT_THAT(mistakes_in(with(R"("success_window": "${param.x}")")),
                mistakes_with("unknown parameter"));
}

TEST(Matrix, RefusesTemplatesThatOnlyFillingMakes) {
    EXPECT_THAT(mistakes_in(R"({"name": "m", "parameters": {"a": "$"},
        "targets": {"kv": {"command": ["kv", "${param.a}{param.a}"]}}})"),
                mistakes_with("unknown template"));
}

TEST(Matrix, HasALimit) {
    std::string values;
    for (int i = 0; i < 40; ++i)
        values += (i == 0 ? "" : ",") + std::to_string(i);
    EXPECT_THAT(
        mistakes_in(with("\"parameters\": {\"a\": [" + values + "], \"b\": [" + values + "]}")),
        mistakes_with("more than 1000 cases"));
}

}  // namespace
}  // namespace faultline
