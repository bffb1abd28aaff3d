// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/templates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

Result<std::string> in_brackets(const std::string& name) {
    if (name == "bad") return fail("no bad");
    return "<" + name + ">";
}

TEST(Templates, AreReplacedByWhatTheLookupAnswers) {
    EXPECT_EQ(expand_template("${a}-${b.c}${d[1].e}", in_brackets), "<a>-<b.c><d[1].e>");
    EXPECT_EQ(expand_template("plain $ {x} $x", in_brackets), "plain $ {x} $x");
    EXPECT_EQ(expand_template("", in_brackets), "");
}

TEST(Templates, KeepEscapedOnes) {
    EXPECT_EQ(expand_template("$${a} ${a} $$${b}", in_brackets), "${a} <a> $${b}");
}

TEST(Templates, PassOnWhatTheLookupRefuses) {
    EXPECT_EQ(expand_template("${a}${bad}", in_brackets).error().message, "no bad");
}

TEST(Templates, AreListedWithTheirOffsets) {
    const auto names = template_names("x${a}$${no}${b}");
    ASSERT_EQ(names->size(), 2u);
    EXPECT_EQ((*names)[0].name, "a");
    EXPECT_EQ((*names)[0].offset, 1u);
    EXPECT_EQ((*names)[1].name, "b");
    EXPECT_EQ((*names)[1].offset, 11u);
}

TEST(Templates, MustBeClosedAndNamed) {
    EXPECT_THAT(template_names("x${abc").error().message, testing::HasSubstr("\"${abc\" opens"));
    EXPECT_THAT(template_names("${}").error().message, testing::HasSubstr("names nothing"));
}

}  // namespace
}  // namespace faultline
