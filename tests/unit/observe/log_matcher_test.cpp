// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/log_matcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(LogMatcher, FindsItsPatternAnywhereInTheLine) {
    const auto matcher = LogMatcher::compile("\\+sdown master");
    ASSERT_TRUE(matcher);
    const auto match = matcher->match("1:X 12:00 # +sdown master mymaster 127.0.0.1 7000");
    ASSERT_TRUE(match);
    EXPECT_TRUE(match->empty());
    EXPECT_FALSE(matcher->match("+sdown slave"));
}

TEST(LogMatcher, CapturesNamedGroupsByNameAndOthersByNumber) {
    const auto matcher = LogMatcher::compile("(?P<event>\\+\\w+) (\\w+) (?P<host>[0-9.]+)");
    ASSERT_TRUE(matcher);
    const auto match = matcher->match("+odown mymaster 127.0.0.1");
    ASSERT_TRUE(match);
    EXPECT_THAT(
        *match,
        ElementsAre(Pair("2", "mymaster"), Pair("event", "+odown"), Pair("host", "127.0.0.1")));
}

TEST(LogMatcher, LeavesOutGroupsThatTookNoPart) {
    const auto matcher = LogMatcher::compile("a(?P<left>x)|b(?P<right>y?)");
    ASSERT_TRUE(matcher);
    EXPECT_THAT(matcher->match("b").value(), ElementsAre(Pair("right", "")));
}

TEST(LogMatcher, SurvivesLinesThatAreNotText) {
    const auto matcher = LogMatcher::compile("end$");
    ASSERT_TRUE(matcher);
    const std::string line = std::string("\0\xFF\xC3", 3) + " end";
    EXPECT_TRUE(matcher->match(line));
    EXPECT_FALSE(matcher->match(""));
}

TEST(LogMatcher, ExplainsAPatternThatCannotBeCompiled) {
    const auto matcher = LogMatcher::compile("(unclosed");
    ASSERT_FALSE(matcher);
    EXPECT_EQ(matcher.error().code, ErrorCode::invalid);
    EXPECT_THAT(matcher.error().message, testing::HasSubstr("missing )"));
    EXPECT_FALSE(LogMatcher::compile("(?=look)ahead"));
}

}  // namespace
}  // namespace faultline
