// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/scenario/selector.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

TEST(LinkSelector, ReadsBothEndsAndThePort) {
    const auto link = parse_link_selector("kv[0]->kv@primary.peer");
    ASSERT_TRUE(link) << link.error().message;
    EXPECT_EQ(link->text, "kv[0]->kv@primary.peer");
    EXPECT_EQ(link->from.target, "kv");
    EXPECT_EQ(link->from.index, 0);
    EXPECT_EQ(link->to.target, "kv");
    EXPECT_EQ(link->to.role, "primary");
    EXPECT_EQ(link->port, "peer");
    EXPECT_FALSE(link->both);
    EXPECT_FALSE(link->remembered);
}

TEST(LinkSelector, MayLeaveThePortOut) {
    const auto link = parse_link_selector("kv@secondary:any->kv");
    ASSERT_TRUE(link) << link.error().message;
    EXPECT_EQ(link->port, "");
    EXPECT_TRUE(link->from.any);
    EXPECT_EQ(link->from.role, "secondary");
}

TEST(LinkSelector, ReadsBothDirections) {
    const auto link = parse_link_selector("kv@primary<->kv:any.peer");
    ASSERT_TRUE(link) << link.error().message;
    EXPECT_TRUE(link->both);
    EXPECT_EQ(link->from.text, "kv@primary");
    EXPECT_EQ(link->to.text, "kv:any");
    EXPECT_EQ(link->port, "peer");
}

TEST(LinkSelector, KnowsTheLoad) {
    const auto link = parse_link_selector("load->kv.client");
    ASSERT_TRUE(link) << link.error().message;
    EXPECT_EQ(link->from.target, load_end);
    EXPECT_EQ(link->to.target, "kv");
}

TEST(LinkSelector, RemembersEndsAndWholeSelections) {
    const auto end = parse_link_selector("$first->kv.peer");
    ASSERT_TRUE(end) << end.error().message;
    EXPECT_EQ(end->from.remembered, "first");
    EXPECT_FALSE(end->remembered);
    EXPECT_EQ(parse_link_selector("$cut")->remembered, "cut");
}

TEST(LinkSelector, TakesNamesWithDashes) {
    const auto link = parse_link_selector("a-->b-c.d-e");
    ASSERT_TRUE(link) << link.error().message;
    EXPECT_EQ(link->from.target, "a-");
    EXPECT_EQ(link->to.target, "b-c");
    EXPECT_EQ(link->port, "d-e");
}

TEST(LinkSelector, SaysWhatIsWrongWithEverythingElse) {
    struct Wrong {
        const char* text;
        const char* reason;
    };
    for (const auto& [text, reason] : {Wrong{"kv", "it has no arrow"},
                                       Wrong{"", "it has no arrow"},
                                       Wrong{"->kv", "the end before the arrow is missing"},
                                       Wrong{"kv->", "the end behind the arrow is missing"},
                                       Wrong{"kv->.peer", "the end behind the arrow is missing"},
                                       Wrong{"kv->kv.", "cannot name a port"},
                                       Wrong{"kv->kv.a.b", "cannot name a port"},
                                       Wrong{"kv.peer->kv", "the port belongs to the end behind"},
                                       Wrong{"a->b->c", "it has two arrows"},
                                       Wrong{"kv[x]->kv.peer", "an index is a number in brackets"},
                                       Wrong{"kv->load", "nobody connects to the load"},
                                       Wrong{"load<->kv", "nobody connects to the load"},
                                       Wrong{"load[0]->kv", "there is one load"},
                                       Wrong{"load:any->kv", "there is one load"},
                                       Wrong{"kv -> kv", "cannot name a target"}}) {
        const auto link = parse_link_selector(text);
        ASSERT_FALSE(link) << text;
        EXPECT_THAT(link.error().message, HasSubstr("is not a link selector")) << text;
        EXPECT_THAT(link.error().message, HasSubstr(reason)) << text;
        EXPECT_EQ(link.error().code, ErrorCode::invalid);
    }
}

TEST(Group, ReadsItsMembers) {
    const auto group = parse_group("kv[0], kv@primary,load");
    ASSERT_TRUE(group) << group.error().message;
    ASSERT_EQ(group->size(), 3u);
    EXPECT_EQ((*group)[0].index, 0);
    EXPECT_EQ((*group)[1].role, "primary");
    EXPECT_EQ((*group)[2].target, load_end);
    EXPECT_FALSE(parse_group(""));
    EXPECT_FALSE(parse_group("kv,"));
    EXPECT_FALSE(parse_group("kv kv"));
}

}  // namespace
}  // namespace faultline
