// SPDX-License-Identifier: Apache-2.0
#include "harness/run/fault_targets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/check.hpp"
#include "harness/run/run.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Three instances of "kv" that never run, each linked with the others, and with the load.
class FaultTargetsTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        auto guardian = Guardian::start(new_run_id());
        FL_CHECK(guardian.has_value());
        guardian_ = std::move(*guardian);
    }
    static void TearDownTestSuite() { guardian_.reset(); }

    FaultTargetsTest() {
        InstanceSpec spec;
        spec.command = {"server"};
        scenario_.targets = {{.name = "kv", .ports = {"client", "peer"}, .instances = {3, spec}}};
        scenario_.links = {{"kv", "kv", "peer"}, {"load", "kv", "client"}};
        Random random(3);
        auto provision = provision_trial(context_, random);
        FL_CHECK(provision.has_value());
        TrialLinks::Options options{.plan = provision->links,
                                    .upstream =
                                        [&](const std::string& instance, const std::string& port) {
                                            return listen_address(*provision, instance, port);
                                        },
                                    .processes = [] { return std::vector<OwnerCandidate>{}; }};
        auto links = TrialLinks::open(std::move(options));
        FL_CHECK(links.has_value());
        links_ = std::move(*links);
        fleet_ = std::make_unique<Fleet>(
            loop_, context_, std::move(*provision), Fleet::Observer{.on_event = [](Event) {}});
    }

    Result<FaultHit> resolve(const std::string& on, std::uint64_t seed = 1) {
        FaultSpec fault{.id = "f", .kind = "link.latency"};
        const bool link = has_arrow(on) || on == "$links";
        if (link) {
            fault.link = *parse_link_selector(on);
        } else {
            fault.on = *parse_selector(on);
        }
        return targets_().resolve(fault, Random(seed));
    }
    std::vector<std::string> names(const std::string& on, std::uint64_t seed = 1) {
        const auto hit = resolve(on, seed);
        EXPECT_TRUE(hit) << hit.error().message;
        return hit ? hit->names(*fleet_) : std::vector<std::string>{};
    }
    FaultTargets targets_() {
        return {*fleet_, *links_, [this](const std::string& id) {
                    const auto found = hits_.find(id);
                    return found == hits_.end() ? nullptr : &found->second;
                }};
    }

    static inline std::unique_ptr<Guardian> guardian_;
    Loop loop_;
    Scenario scenario_;
    MachineAbilities abilities_;
    Interruption interruption_;
    TrialContext context_{.scenario = scenario_,
                          .abilities = abilities_,
                          .guardian = *guardian_,
                          .interruption = interruption_,
                          .run = "run",
                          .folder = "/nowhere/trials/0001",
                          .temporary_folder = "/tmp/nowhere"};
    std::unique_ptr<TrialLinks> links_;
    std::unique_ptr<Fleet> fleet_;
    std::map<std::string, FaultHit> hits_;
};

TEST_F(FaultTargetsTest, LinksAreThoseFromEachToEach) {
    EXPECT_THAT(names("kv->kv.peer"), SizeIs(6));
    EXPECT_THAT(names("kv->kv"), SizeIs(6));
    EXPECT_THAT(names("kv[0]->kv[2].peer"), ElementsAre("kv[0]->kv[2].peer"));
    EXPECT_THAT(names("kv[1]->kv"), ElementsAre("kv[1]->kv[0].peer", "kv[1]->kv[2].peer"));
    EXPECT_THAT(names("kv->kv[1].peer"), ElementsAre("kv[0]->kv[1].peer", "kv[2]->kv[1].peer"));
    EXPECT_THAT(names("load->kv[1]"), ElementsAre("load->kv[1].client"));
    EXPECT_THAT(names("load->kv.client"), SizeIs(3));
}

TEST_F(FaultTargetsTest, BothDirectionsOfAPairBelongToIt) {
    EXPECT_THAT(names("kv[0]<->kv[2].peer"), ElementsAre("kv[0]->kv[2].peer", "kv[2]->kv[0].peer"));
    EXPECT_THAT(
        names("kv[0]<->kv.peer"),
        ElementsAre(
            "kv[0]->kv[1].peer", "kv[0]->kv[2].peer", "kv[1]->kv[0].peer", "kv[2]->kv[0].peer"));
    EXPECT_THAT(names("kv<->kv"), SizeIs(6));
}

TEST_F(FaultTargetsTest, AnyDrawsOneEndBySeed) {
    std::set<std::string> drawn;
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const auto from_one = names("kv:any->kv.peer", seed);
        ASSERT_THAT(from_one, SizeIs(2));
        EXPECT_EQ(from_one[0].substr(0, 5), from_one[1].substr(0, 5));
        EXPECT_EQ(names("kv:any->kv.peer", seed), from_one);
        // Never the same instance at both ends.
        EXPECT_THAT(names("kv:any->kv:any.peer", seed), SizeIs(1));
        EXPECT_THAT(names("kv:any<->kv:any.peer", seed), SizeIs(2));
        EXPECT_THAT(names("load->kv:any", seed), SizeIs(1));
        drawn.insert(from_one[0].substr(0, 5));
    }
    EXPECT_THAT(drawn, ElementsAre("kv[0]", "kv[1]", "kv[2]"));
}

TEST_F(FaultTargetsTest, InstancesAtTheEndsAreHitToo) {
    EXPECT_THAT(resolve("kv[0]->kv[2].peer")->instances, ElementsAre(0, 2));
    EXPECT_THAT(resolve("load->kv[1]")->instances, ElementsAre(1));
    EXPECT_THAT(resolve("kv[1]")->instances, ElementsAre(1));
    EXPECT_THAT(resolve("kv[1]")->links, IsEmpty());
}

TEST_F(FaultTargetsTest, WhatWasHitIsRemembered) {
    EXPECT_THAT(resolve("$one->kv.peer").error().message, HasSubstr("has not fired"));
    hits_["one"] = *resolve("kv[2]");
    hits_["links"] = *resolve("kv[1]->kv.peer");
    EXPECT_THAT(names("$one"), ElementsAre("kv[2]"));
    EXPECT_THAT(names("$one->kv.peer"), ElementsAre("kv[2]->kv[0].peer", "kv[2]->kv[1].peer"));
    EXPECT_THAT(names("kv[0]->$one"), ElementsAre("kv[0]->kv[2].peer"));
    EXPECT_THAT(names("$links"), ElementsAre("kv[1]->kv[0].peer", "kv[1]->kv[2].peer"));
    EXPECT_THAT(resolve("$one->$one").error().message, HasSubstr("matches no link now"));
}

TEST_F(FaultTargetsTest, NobodyInTheRoleMeansNoLink) {
    EXPECT_THAT(resolve("kv@primary->kv.peer").error().message,
                HasSubstr("\"kv@primary\" matches no instance now"));
    FaultSpec fault{.kind = "link.latency", .link = *parse_link_selector("kv@primary->kv.peer")};
    EXPECT_EQ(targets_().missing(fault), "kv@primary");
    EXPECT_THAT(FaultTargets::asked_for_roles(fault), ElementsAre("kv"));
    fault.link = *parse_link_selector("kv[0]->kv.peer");
    EXPECT_EQ(targets_().missing(fault), "");
    EXPECT_THAT(FaultTargets::asked_for_roles(fault), IsEmpty());
}

TEST_F(FaultTargetsTest, GroupsCountLikeSelectors) {
    FaultSpec fault{.kind = "link.partition", .link = *parse_link_selector("kv->kv.peer")};
    fault.parameters.set("groups", std::vector<std::string>{"kv[0], load", "kv@primary"});
    EXPECT_EQ(targets_().missing(fault), "kv@primary");
    EXPECT_THAT(FaultTargets::asked_for_roles(fault), ElementsAre("kv"));
    EXPECT_THAT(*targets_().resolve(std::string("load"), Random(1)), ElementsAre("load"));
    EXPECT_THAT(*targets_().resolve(std::string("kv[1]"), Random(1)), ElementsAre("kv[1]"));
    EXPECT_FALSE(targets_().resolve(std::string("kv@primary"), Random(1)));
}

}  // namespace
}  // namespace faultline
