// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/check.hpp"
#include "harness/launch/network_rights.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/network_check.hpp"
#include "harness/run/provision.hpp"
#include "harness/run/run.hpp"
#include "harness/run/trial_links.hpp"
#include "harness/scenario/load_scenario.hpp"
#include "tests/unit/launch/network_fixture.hpp"

namespace faultline {
namespace {

constexpr int patience_ms = 120'000;

Scenario scenario_with(const std::string& links, const std::string& faults) {
    const LoadedScenario loaded = load_scenario_text(
        R"({"name": "net", "isolation": "netns",
            "targets": {"kv": {"count": 3, "ports": ["client", "peer"],
                               "command": ["kv", "${host}:${port.peer}", "${kv[1].host}:${to.kv[1].port.peer}"]}},
            "roles": {"kv": {"primary": {"probe": "redis.role", "equals": "master"}}},
            "load": {"driver": "redis", "to": "kv@primary", "rate": "10/s"},
            "links": [)" +
            links + R"(], "faults": [)" + faults + "]}",
        "s.json",
        full_catalog());
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        ADD_FAILURE() << format_diagnostic(diagnostic);
    FL_CHECK(!loaded.cases.empty());
    return loaded.cases.front();
}

constexpr const char* both_links = R"({"from": "kv", "to": "kv", "port": "peer"},
                                      {"from": "load", "to": "kv", "port": "client"})";

std::vector<bool> proxied(const Scenario& scenario) {
    std::vector<bool> answers;
    for (const LinkSpec& link : scenario.links)
        answers.push_back(needs_proxy(link, scenario));
    return answers;
}

TEST(ProxyBesideTheKernel, IsThereOnlyForFaultsThatLookAtBytes) {
    using testing::ElementsAre;
    EXPECT_THAT(
        proxied(scenario_with(both_links,
                              R"({"fault": "link.partition", "on": "kv->kv.peer", "at": "1s"},
                                 {"fault": "link.loss", "on": "load->kv", "at": "1s", "share": "1%"})")),
        ElementsAre(false, false));
    EXPECT_THAT(
        proxied(scenario_with(
            both_links,
            R"({"fault": "link.latency", "on": "kv[0]->kv@primary.peer", "at": "1s", "delay": "1ms"})")),
        ElementsAre(true, false));
    EXPECT_THAT(proxied(scenario_with(
                    both_links,
                    R"({"fault": "link.partition", "on": "load->kv", "at": "1s", "mode": "reset",
                "groups": ["load", "kv"]})")),
                ElementsAre(false, true));
}

TEST(ProxyBesideTheKernel, IsThereForWhatAnEarlierInjectionWillHaveHit) {
    EXPECT_THAT(proxied(scenario_with(
                    both_links,
                    R"({"id": "cut", "fault": "link.partition", "on": "kv->kv.peer", "at": "1s"},
               {"fault": "link.latency", "on": "$cut", "at": "2s", "delay": "1ms"})")),
                testing::Each(true));
}

class TrialNetworkTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (const auto rights = enter_user_namespace_if_needed(); !rights)
            GTEST_SKIP() << "no rights to make network namespaces: " << rights.error().message;
        home_ = test::own_network();
        auto guardian = Guardian::start(new_run_id());
        FL_CHECK(guardian.has_value());
        guardian_ = std::move(*guardian);
    }
    std::unique_ptr<TrialNetwork> network_of(const Scenario& scenario) {
        auto network = TrialNetwork::create(scenario);
        EXPECT_TRUE(network) << network.error().message;
        return network ? std::move(*network) : nullptr;
    }
    Result<Provision> provision(const Scenario& scenario, const TrialNetwork* network) {
        const TrialContext context{.scenario = scenario,
                                   .abilities = abilities_,
                                   .guardian = *guardian_,
                                   .interruption = interruption_,
                                   .run = "run",
                                   .folder = "/somewhere",
                                   .temporary_folder = "/tmp/short"};
        Random random(3);
        return provision_trial(context, random, network);
    }
    [[nodiscard]] ino_t home() const { return home_; }

  private:
    ino_t home_ = 0;
    MachineAbilities abilities_{.network = true};
    Interruption interruption_;
    std::unique_ptr<Guardian> guardian_;
};

TEST_F(TrialNetworkTest, WorksWhereItCanBeMade) {
    const auto checked = check_network();
    EXPECT_TRUE(checked) << checked.error().message;
    EXPECT_EQ(test::own_network(), home());
}

TEST_F(TrialNetworkTest, KeepsItsThreadAtTheObserverWhileItLives) {
    const Scenario scenario = scenario_with("", "");
    {
        const auto network = network_of(scenario);
        ASSERT_NE(network, nullptr);
        EXPECT_EQ(
            test::own_network(),
            test::namespace_inode(network->fabric().namespace_fd(NetworkFabric::observer_end)));
    }
    EXPECT_EQ(test::own_network(), home());
}

TEST_F(TrialNetworkTest, GivesInstancesTheirOwnHosts) {
    const Scenario scenario = scenario_with(
        both_links, R"({"fault": "link.partition", "on": "kv->kv.peer", "at": "1s"})");
    const auto network = network_of(scenario);
    ASSERT_NE(network, nullptr);
    const auto made = provision(scenario, network.get());
    ASSERT_TRUE(made) << made.error().message;
    const std::string own = network->fabric().address("kv[0]");
    const std::string other = network->fabric().address("kv[1]");
    EXPECT_NE(own, other);
    const InstancePlan& first = made->plans[0];
    EXPECT_EQ(first.network_fd, network->fabric().namespace_fd("kv[0]"));
    EXPECT_EQ(first.command[1], own + ":" + std::to_string(first.ports.at("peer")));
    // Packets are all there is to these links: they lead straight there.
    EXPECT_EQ(first.command[2], other + ":" + std::to_string(made->plans[1].ports.at("peer")));
    EXPECT_EQ(made->ports.ports().size(), 6U);
}

TEST_F(TrialNetworkTest, TellsWhoConnectsToASharedProxyByTheAddress) {
    const Scenario scenario = scenario_with(
        R"({"from": "kv", "to": "kv", "port": "peer", "shared": true})",
        R"({"fault": "link.latency", "on": "kv->kv.peer", "at": "1s", "delay": "1ms"})");
    const auto network = network_of(scenario);
    ASSERT_NE(network, nullptr);
    auto made = provision(scenario, network.get());
    ASSERT_TRUE(made) << made.error().message;
    const auto links =
        TrialLinks::open({.plan = made->links,
                          .upstream =
                              [&made](const std::string& instance, const std::string& port) {
                                  return listen_address(*made, instance, port);
                              },
                          .processes = [] { return std::vector<OwnerCandidate>(); },
                          .network = network.get()});
    ASSERT_TRUE(links) << links.error().message;
    UniqueFd server;
    {
        const auto there = network->fabric().enter("kv[1]");
        ASSERT_TRUE(there);
        server = test::serve(
            SOCK_STREAM, network->fabric().address("kv[1]"), made->plans[1].ports.at("peer"));
        ASSERT_TRUE(server);
    }
    const auto entrance = made->links.port_to("kv[2]", "kv[1]", "peer");
    ASSERT_TRUE(entrance);
    UniqueFd client;
    {
        const auto there = network->fabric().enter("kv[2]");
        ASSERT_TRUE(there);
        client = test::call(SOCK_STREAM, network->fabric().address("kv[1]"), *entrance);
    }
    ASSERT_TRUE(client);
    EXPECT_TRUE(test::readable(server.get(), patience_ms));
    const LinkVictim* taken = (*links)->find("kv[2]->kv[1].peer");
    const LinkVictim* other = (*links)->find("kv[0]->kv[1].peer");
    ASSERT_NE(taken, nullptr);
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(taken->network, &network->packets());
    EXPECT_EQ(taken->engine->counts(taken->id).accepted, 1U);
    EXPECT_EQ(other->engine->counts(other->id).accepted, 0U);
}

}  // namespace
}  // namespace faultline
