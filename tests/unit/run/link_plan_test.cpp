// SPDX-License-Identifier: Apache-2.0
#include "harness/run/link_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using testing::ElementsAre;

Scenario scenario_with(std::vector<LinkSpec> links) {
    Scenario scenario;
    scenario.targets = {
        {.name = "kv", .ports = {"client", "peer"}, .instances = {3, InstanceSpec{}}},
        {.name = "proxy", .instances = {InstanceSpec{}}}};
    scenario.links = std::move(links);
    return scenario;
}

std::vector<std::string> names_of(const LinkPlan& plan) {
    std::vector<std::string> names;
    for (const PlannedLink& link : plan.links())
        names.push_back(link.name);
    return names;
}

TEST(LinkPlan, HasOneLinkFromEachInstanceToEachOtherOne) {
    const LinkPlan plan(scenario_with({{"kv", "kv", "peer"}, {"load", "kv", "client"}}));
    EXPECT_THAT(names_of(plan),
                ElementsAre("kv[0]->kv[1].peer",
                            "kv[0]->kv[2].peer",
                            "kv[1]->kv[0].peer",
                            "kv[1]->kv[2].peer",
                            "kv[2]->kv[0].peer",
                            "kv[2]->kv[1].peer",
                            "load->kv[0].client",
                            "load->kv[1].client",
                            "load->kv[2].client"));
    EXPECT_EQ(plan.ports_needed(), 9U);
    EXPECT_TRUE(LinkPlan(scenario_with({})).links().empty());
}

TEST(LinkPlan, GivesEveryLinkAPortOfItsOwn) {
    LinkPlan plan(scenario_with({{"kv", "kv", "peer"}}));
    plan.take_ports({1, 2, 10, 11, 12, 13, 14, 15}, 2);
    EXPECT_EQ(plan.port_to("kv[0]", "kv[1]", "peer"), 10);
    EXPECT_EQ(plan.port_to("kv[2]", "kv[1]", "peer"), 15);
    EXPECT_EQ(plan.port_to("kv[1]", "kv[1]", "peer"), std::nullopt);
    EXPECT_EQ(plan.port_to("kv[0]", "kv[1]", "client"), std::nullopt);
    EXPECT_EQ(plan.port_to("proxy[0]", "kv[1]", "peer"), std::nullopt);
    EXPECT_EQ(plan.port_to("load", "kv[1]", "peer"), std::nullopt);
}

TEST(LinkPlan, SharesOneAddressBetweenAllThatConnectToAnInstance) {
    LinkPlan plan(scenario_with({{"kv", "kv", "peer", true}, {"proxy", "kv", "peer", true}}));
    EXPECT_EQ(plan.links().size(), 9U);
    ASSERT_EQ(plan.ports_needed(), 3U);
    plan.take_ports({10, 11, 12}, 0);
    const auto first = plan.port_to("kv[1]", "kv[0]", "peer");
    ASSERT_TRUE(first);
    for (const char* from : {"kv[0]", "kv[2]", "proxy[0]"}) {
        EXPECT_EQ(plan.port_to(from, "kv[0]", "peer"), first) << from;
    }
    EXPECT_NE(plan.port_to("kv[0]", "kv[1]", "peer"), first);
    EXPECT_EQ(plan.port_to("load", "kv[0]", "peer"), std::nullopt);
}

}  // namespace
}  // namespace faultline
