// SPDX-License-Identifier: Apache-2.0
#include "harness/run/provision.hpp"

#include <gtest/gtest.h>

#include "harness/base/check.hpp"
#include "harness/run/run.hpp"

namespace faultline {
namespace {

class ProvisionTest : public ::testing::Test {
  protected:
    ProvisionTest() : guardian_(started_guardian()) {
        InstanceSpec spec;
        spec.command = {
            "server", "${port.client}", "--peer", "${kv[1].port.peer}", "${index}", "${name}"};
        spec.environment = {{"WHERE", "${dir}"}};
        spec.files = {{"a.conf", "dir ${dir}\n"}};
        scenario_.targets = {
            {.name = "kv", .ports = {"client", "peer"}, .instances = {spec, spec}}};
    }

    /// Tests run side by side, so each needs a run of its own.
    static std::unique_ptr<Guardian> started_guardian() {
        auto guardian = Guardian::start(new_run_id());
        FL_CHECK(guardian.has_value());
        return std::move(*guardian);
    }

    Result<Provision> provision() {
        const TrialContext context{.scenario = scenario_,
                                   .abilities = abilities_,
                                   .guardian = *guardian_,
                                   .interruption = interruption_,
                                   .run = "run",
                                   .number = 7,
                                   .folder = "/somewhere/trials/0007",
                                   .temporary_folder = "/tmp/short"};
        Random random(3);
        return provision_trial(context, random);
    }

    Scenario scenario_;
    MachineAbilities abilities_;
    Interruption interruption_;
    std::unique_ptr<Guardian> guardian_;
};

TEST_F(ProvisionTest, FillsTemplatesFromTheInstanceAndItsPeers) {
    const auto made = provision();
    ASSERT_TRUE(made) << made.error().message;
    const InstancePlan& first = made->plans[0];
    EXPECT_EQ(first.command[1], std::to_string(first.ports.at("client")));
    EXPECT_EQ(first.command[3], std::to_string(made->plans[1].ports.at("peer")));
    EXPECT_EQ(first.command[4], "0");
    EXPECT_EQ(first.command[5], "kv[0]");
    EXPECT_EQ(first.environment.at("WHERE"), first.folder.string());
    EXPECT_EQ(first.files.at("a.conf"), "dir " + first.folder.string() + "\n");
}

TEST_F(ProvisionTest, GivesEveryInstanceItsOwnPortsAndMarks) {
    const auto made = provision();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->ports.ports().size(), 4U);
    EXPECT_NE(made->plans[0].ports.at("client"), made->plans[1].ports.at("client"));
    EXPECT_EQ(made->plans[1].environment.at("FAULTLINE_INSTANCE"), "kv[1]");
    EXPECT_EQ(made->plans[1].environment.at("FAULTLINE_TRIAL"), "run-7");
    EXPECT_EQ(made->plans[1].environment.at("FAULTLINE_FAILPOINT_CONTROL"),
              "/tmp/short/kv.1.failpoints");
}

TEST_F(ProvisionTest, FillsParametersAndTakesVariablesAway) {
    ::setenv("FAULTLINE_UNIT_VARIABLE", "1", 1);
    scenario_.targets[0].instances[0].environment_removed = {"FAULTLINE_UNIT_VARIABLE"};
    const auto made = provision();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_FALSE(made->plans[0].environment.contains("FAULTLINE_UNIT_VARIABLE"));
    EXPECT_TRUE(made->plans[1].environment.contains("FAULTLINE_UNIT_VARIABLE"));
    const TrialContext context{.scenario = scenario_,
                               .abilities = abilities_,
                               .guardian = *guardian_,
                               .interruption = interruption_};
    Parameters parameters;
    parameters.set("path", std::string("/at/${port.client}"));
    parameters.set("command", std::vector<std::string>{"ask", "${name}"});
    parameters.set("count", std::int64_t{3});
    const auto filled = fill_parameters(context, *made, parameters, made->plans[1], "kv[1]");
    ASSERT_TRUE(filled) << filled.error().message;
    EXPECT_EQ(filled->get<std::string>("path"),
              "/at/" + std::to_string(made->plans[1].ports.at("client")));
    EXPECT_EQ(filled->get<std::vector<std::string>>("command")[1], "kv[1]");
    EXPECT_EQ(filled->get<std::int64_t>("count"), 3);
}

TEST_F(ProvisionTest, FillsWhereOthersAreReachedThroughLinks) {
    scenario_.links = {{"kv", "kv", "peer"}, {"load", "kv", "client"}};
    for (InstanceSpec& spec : scenario_.targets[0].instances) {
        spec.command = {"${to.kv[0].port.peer}",
                        "${to.kv[1].port.peer}",
                        "${to.kv[1].port.client}",
                        "${host}",
                        "${kv[0].host}"};
    }
    const auto made = provision();
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_EQ(made->ports.ports().size(), 8U);
    const auto text = [](std::uint16_t port) { return std::to_string(port); };
    const InstancePlan& first = made->plans[0];
    const InstancePlan& second = made->plans[1];
    EXPECT_EQ(first.command[0], text(first.ports.at("peer")));  // its own
    EXPECT_EQ(first.command[1], text(*made->links.port_to("kv[0]", "kv[1]", "peer")));
    EXPECT_NE(first.command[1], text(second.ports.at("peer")));
    EXPECT_EQ(second.command[0], text(*made->links.port_to("kv[1]", "kv[0]", "peer")));
    EXPECT_EQ(first.command[2], text(second.ports.at("client")));  // the load's link is not its own
    EXPECT_EQ(first.command[3], "127.0.0.1");
    EXPECT_EQ(first.command[4], "127.0.0.1");
    EXPECT_EQ(listen_address(*made, "kv[1]", "peer"), "127.0.0.1:" + text(second.ports.at("peer")));
    const TrialContext context{.scenario = scenario_,
                               .abilities = abilities_,
                               .guardian = *guardian_,
                               .interruption = interruption_};
    Parameters parameters;
    parameters.set("url", std::string("${to.kv[1].port.client}"));
    const auto of_load = fill_parameters(context, *made, parameters, first, "load");
    ASSERT_TRUE(of_load) << of_load.error().message;
    EXPECT_EQ(of_load->get<std::string>("url"),
              text(*made->links.port_to("load", "kv[1]", "client")));
}

TEST_F(ProvisionTest, GivesEveryoneTheSameAddressOnASharedLink) {
    scenario_.links = {{"kv", "kv", "peer", true}};
    for (InstanceSpec& spec : scenario_.targets[0].instances)
        spec.command = {"${to.kv[0].port.peer}", "${port.peer}"};
    const auto made = provision();
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->ports.ports().size(), 6U);
    EXPECT_EQ(made->plans[0].command[0], made->plans[1].command[0]);
    EXPECT_NE(made->plans[0].command[0], made->plans[0].command[1]);
}

TEST_F(ProvisionTest, NamesTheInstanceWhoseTemplateMeansNothing) {
    scenario_.targets[0].instances[1].command = {"${port.nothing}"};
    const auto made = provision();
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("kv[1]"), std::string::npos) << made.error().message;
}

}  // namespace
}  // namespace faultline
