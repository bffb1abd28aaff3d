// SPDX-License-Identifier: Apache-2.0
#include "harness/base/nearest.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kinds{
    "process.crash", "process.hang", "process.restart", "link.down"};

TEST(NearestName, FindsMissingDoubledWrongAndSwappedLetters) {
    EXPECT_EQ(nearest_name("proces.crash", kinds), "process.crash");
    EXPECT_EQ(nearest_name("process.crassh", kinds), "process.crash");
    EXPECT_EQ(nearest_name("process.crush", kinds), "process.crash");
    EXPECT_EQ(nearest_name("process.hnag", kinds), "process.hang");
}

TEST(NearestName, CountsASwapAsOneMistake) {
    // Two plain edits are more than a third of four letters; one swap is not.
    const std::vector<std::string> one{"at"};
    EXPECT_EQ(nearest_name("ta", one), "at");
}

TEST(NearestName, IsEmptyWhenNothingIsNear) {
    EXPECT_EQ(nearest_name("disk.full", kinds), "");
    EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(NearestName, PrefersTheClosestOfSeveral) {
    const std::vector<std::string> names{"latency_max", "latency_min", "latency"};
    EXPECT_EQ(nearest_name("latency_mix", names), "latency_max");
    EXPECT_EQ(nearest_name("latncy", names), "latency");
}

TEST(Suggestion, AsksForTheNearest) {
    EXPECT_EQ(suggestion("process.crush", kinds), "; did you mean \"process.crash\"?");
}

TEST(Suggestion, ListsWhatIsKnownOtherwise) {
    EXPECT_EQ(suggestion("zzzzzzzzz", kinds),
              "; known: process.crash, process.hang, process.restart, link.down");
    EXPECT_EQ(suggestion("a", {}), "; none is defined");
}

TEST(Suggestion, ListsAtMostTwelve) {
    std::vector<std::string> many;
    for (int i = 0; i < 20; ++i)
        many.push_back("candidate-" + std::to_string(i));
    const std::string text = suggestion("zzzzzz", many);
    EXPECT_THAT(text, HasSubstr("candidate-11, ..."));
    EXPECT_THAT(text, Not(HasSubstr("candidate-12")));
}

}  // namespace
}  // namespace faultline
