// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/selector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

TEST(Selector, ReadsEveryForm) {
    EXPECT_EQ(parse_selector("kv")->target, "kv");
    EXPECT_EQ(parse_selector("kv[12]")->index, 12);
    EXPECT_EQ(parse_selector("kv@primary")->role, "primary");
    EXPECT_TRUE(parse_selector("kv:any")->any);
    const auto both = parse_selector("kv@secondary:any");
    EXPECT_EQ(both->target, "kv");
    EXPECT_EQ(both->role, "secondary");
    EXPECT_TRUE(both->any);
    EXPECT_EQ(both->text, "kv@secondary:any");
    EXPECT_EQ(parse_selector("$first")->remembered, "first");
    EXPECT_EQ(parse_selector("$first")->target, "");
}

TEST(Selector, RefusesEverythingElse) {
    for (const char* wrong : {"",
                              "@primary",
                              "kv@",
                              "kv[",
                              "kv[]",
                              "kv[x]",
                              "kv[-1]",
                              "kv[1",
                              "kv[1]x",
                              "kv:all",
                              "kv:",
                              "kv@a[1]",
                              "kv[1]:any",
                              "kv@a@b",
                              "$",
                              "$a b",
                              "kv[0]->kv",
                              " kv",
                              "kv[99999999999]",
                              "1kv"}) {
        const auto selector = parse_selector(wrong);
        ASSERT_FALSE(selector) << wrong;
        EXPECT_THAT(selector.error().message, testing::HasSubstr("is not a selector")) << wrong;
    }
}

}  // namespace
}  // namespace faultline
