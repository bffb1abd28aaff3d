// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// Instances in network namespaces: the kernel cuts and loses packets, proxies stand where bytes are
// looked at. Skipped by name where neither root's rights nor user namespaces are to be had.

namespace faultline::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Three nodes of the replicated store that know each other by the addresses of their networks.
std::string kv_scenario(const std::string& links,
                        const std::string& faults,
                        const std::string& more = "") {
    std::string members;
    for (int i = 0; i < 3; ++i) {
        members += fmt::format(
            R"(, "member {} ${{kv[{}].host}}:${{to.kv[{}].port.peer}} ${{kv[{}].host}}:${{kv[{}].port.client}} name=kv[{}]")",
            i + 1,
            i,
            i,
            i,
            i,
            i);
    }
    return R"({"name": "kv-in-namespaces", "isolation": "netns",
  "targets": {"kv": {"count": 3, "ports": ["client", "peer"], "command": ["${bin}/kvnode", "${dir}/kvnode.conf"],
    "files": {"kvnode.conf": ["node ${name}", "folder ${dir}/data", "level medium")" +
           members + R"(]},
    "ready": {"probe": "redis.info", "field": "ready", "equals": "1", "period": "10ms", "within": "60s"}}},
  "roles": {"kv": {"primary": {"probe": "redis.role", "equals": "master", "period": "20ms"},
                   "secondary": {"probe": "redis.role", "equals": "slave", "period": "20ms"}}},
  "load": {"driver": "redis", "to": "kv@primary", "rate": "200/s", "connections": 4, "timeout": "1s", "lag_max": "10s"},
  "steady_state": {"success_rate": 0.95, "for": "300ms", "within": "60s"},
  "detection": [{"event": "detected", "in": "kv"}], "detection_within": "2s",
  "recovery": {"success_rate": 0.95, "for": "200ms", "within": "30s"}, "success_window": "1s",
  "trials": {"count": 1, "control": 0, "seed": 5},
  "links": [)" +
           links + "], \"faults\": [" + faults + "]" + more + "}\n";
}

constexpr const char* peer_links = R"({"from": "kv", "to": "kv", "port": "peer"})";
constexpr const char* load_links = R"({"from": "load", "to": "kv", "port": "client"})";

class InNamespaces : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto doctor = place_.faultline({"doctor", "--json"});
        const std::string& json = doctor.output;
        const std::size_t network = json.find("\"network\"");
        ASSERT_NE(network, std::string::npos) << json;
        const std::size_t state = json.find("\"state\": \"", network) + 10;
        if (json.compare(state, 3, "yes") != 0)
            GTEST_SKIP() << "no network namespaces here: " << json.substr(network, 300);
    }
    /// The record of the one trial. A missed expectation is no failure here: machines are busy.
    std::string trial_of(const std::string& scenario) {
        place_.write("scenario.json", scenario);
        const auto result = place_.faultline({"run", "scenario.json", "--out", "out"});
        EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3)
            << result.output << result.error_output;
        return read_file(place_.folder() / "out/trials.jsonl").value_or("");
    }
    Workplace place_;
};

TEST_F(InNamespaces, PartitionDropsPacketsAndAnotherNodeTakesOver) {
    const std::string trial = trial_of(kv_scenario(
        peer_links,
        R"({"fault": "link.partition", "on": "kv->kv.peer", "shape": "isolate", "groups": ["kv@primary"], "at": "100ms", "for": "3s"})"));
    EXPECT_THAT(trial, HasSubstr("\"outcome\":\"pass\""));
    EXPECT_THAT(trial, HasSubstr("\"effect\":\"confirmed\""));
    EXPECT_THAT(trial, HasSubstr("dropped"));
    EXPECT_THAT(trial, HasSubstr("nftables"));
    EXPECT_THAT(trial, Not(HasSubstr("proxy")));
    EXPECT_THAT(trial, HasSubstr("\"lost_writes\":0"));
}

TEST_F(InNamespaces, LossIsSeenByTheKernel) {
    const std::string trial = trial_of(kv_scenario(
        load_links,
        R"({"fault": "link.loss", "on": "load->kv@primary.client", "share": "20%", "at": "100ms", "for": "500ms"})"));
    EXPECT_THAT(trial, HasSubstr("\"effect\":\"confirmed\""));
    EXPECT_THAT(trial, HasSubstr("dropped"));
}

// One link with both: its proxy stands in the namespace of the node that it leads to.
TEST_F(InNamespaces, BytesAreDelayedWherePacketsAreLost) {
    const std::string trial = trial_of(kv_scenario(
        load_links,
        R"({"id": "slow", "fault": "link.latency", "on": "load->kv@primary.client", "delay": "30ms", "at": "100ms", "for": "500ms"},
           {"id": "lossy", "fault": "link.loss", "on": "load->kv@primary.client", "share": "10%", "at": "100ms", "for": "500ms"})"));
    EXPECT_THAT(trial, HasSubstr("delayed"));
    EXPECT_THAT(trial, HasSubstr("proxy of 1 link"));
    EXPECT_THAT(trial, HasSubstr("nftables"));
    EXPECT_THAT(trial, Not(HasSubstr("\"unconfirmed\"")));
}

TEST_F(InNamespaces, NodeThatIsKilledAndStartedAgainIsBackInItsNetwork) {
    const std::string trial = trial_of(kv_scenario(
        "",
        R"({"id": "crash", "fault": "process.crash", "on": "kv@secondary:any", "at": "50ms"},
           {"fault": "process.restart", "on": "$crash", "at": "300ms"})",
        R"(, "redundancy": {"within": "60s"})"));
    EXPECT_THAT(trial, HasSubstr("\"outcome\":\"pass\""));
    EXPECT_THAT(trial, Not(HasSubstr("\"unconfirmed\"")));
}

TEST_F(InNamespaces, ServerOnTheWrongAddressIsToldTheRightOne) {
    place_.write(
        "scenario.json",
        single_scenario("[]", R"(, "isolation": "netns", "trials": {"count": 1, "control": 0})"));
    const auto result = place_.faultline(
        {"run", "scenario.json", "--out", "out", "--set", "/targets/metronome/ready/within=500ms"});
    EXPECT_EQ(result.exit_code, 4) << result.output << result.error_output;
    EXPECT_THAT(read_file(place_.folder() / "out/trials.jsonl").value_or(""),
                HasSubstr("has to listen on ${host}, 10.77."));
}

}  // namespace
}  // namespace faultline::e2e
