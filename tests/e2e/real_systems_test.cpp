// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// The shipped scenarios on software nobody here wrote, one trial each: that they run and are
// measured. Whether the system meets its expectations is the scenario's business, on a machine with
// time.

namespace faultline::e2e {
namespace {

/// Without control trials; a slow machine does not mark a trial.
CommandResult run_shipped(const Workplace& place, const std::string& file, int trials) {
    return place.faultline({"run",
                            (scenarios_folder() / file).string(),
                            "--trials",
                            std::to_string(trials),
                            "--control",
                            "0",
                            "--set",
                            "/load/lag_max=10s",
                            "--out",
                            "out"});
}

std::string name_of(const std::string& file) {
    std::string name = std::filesystem::path(file).stem().string();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

struct Shipped {
    const char* file;
    const char* needs;
};

class RealSystem : public ::testing::TestWithParam<Shipped> {};

TEST_P(RealSystem, IsLaunchedBrokenAndMeasured) {
    if (!has_program(GetParam().needs)) GTEST_SKIP() << GetParam().needs << " is not installed";
    const Workplace place;
    const auto result = run_shipped(place, GetParam().file, 1);
    ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3)
        << result.output << result.error_output;
    const std::string trial = *read_file(place.folder() / "out/trials.jsonl");
    EXPECT_THAT(trial, ::testing::HasSubstr("\"effect\":\"confirmed\"")) << result.output;
    EXPECT_THAT(trial, ::testing::HasSubstr("\"outcome\":\"pass\"")) << result.output;
}

INSTANTIATE_TEST_SUITE_P(
    Shipped,
    RealSystem,
    ::testing::Values(Shipped{"redis/sentinel-primary-crash.json", "redis-sentinel"},
                      Shipped{"redis/sentinel-replica-crash.json", "redis-sentinel"},
                      Shipped{"redis/standalone-restart-without-persistence.json", "redis-server"},
                      Shipped{"haproxy/backend-crash-tuned.json", "haproxy"},
                      Shipped{"haproxy/backend-hang-tuned.json", "haproxy"}),
    [](const auto& shipped) { return name_of(shipped.param.file); });

/// A primary and a replica that hears of every write half a second later; the load asks both.
constexpr const char* late_replica = R"({
  "name": "late-replica",
  "targets": {"redis": {
    "count": 2,
    "command": ["redis-server", "--port", "${port.client}", "--bind", "127.0.0.1", "--dir", "${dir}",
                "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"],
    "ports": ["client"],
    "ready": {"probe": "redis.ping", "within": "10s"},
    "instances": {"1": {
      "args": ["--replicaof", "127.0.0.1", "${to.redis[0].port.client}"],
      "ready": {"probe": "redis.info", "field": "master_link_status", "equals": "up", "within": "15s"}}}}},
  "links": [{"from": "redis", "to": "redis", "port": "client"}],
  "load": {"driver": "redis", "to": "redis", "rate": "500/s", "connections": 10, "keys": 5,
           "operations": {"set": 0.3, "get": 0.7}, "timeout": "1s", "follow": "none", "lag_max": "10s"},
  "steady_state": {"success_rate": 0.5, "latency": "1s", "for": "300ms", "within": "10s"},
  "faults": [{"fault": "link.latency", "on": "redis[1]->redis[0].client", "delay": "500ms", "at": "200ms", "for": "2s"}],
  "recovery": {"success_rate": 0.5, "latency": "1s", "for": "300ms", "within": "10s"},
  "success_window": "2s",
  "expect": ["stale_reads.total >= 50"],
  "trials": {"count": 1, "seed": 3}
})";

TEST(StaleReads, OfAReplicaThatLagsAreCounted) {
    if (!has_program("redis-server")) GTEST_SKIP() << "redis-server is not installed";
    const Workplace place;
    place.write("late.json", late_replica);
    const auto result = place.faultline({"run", "late.json", "--out", "out"});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.error_output;
    EXPECT_THAT(result.output, ::testing::ContainsRegex("stale keys +faultline:0"));
    EXPECT_THAT(*read_file(place.folder() / "out/trials.jsonl"),
                ::testing::HasSubstr("\"lost_writes\":null"));  // there is no one place to ask
}

class Metronome : public ::testing::TestWithParam<const char*> {};

TEST_P(Metronome, ScenarioMeetsItsExpectations) {
    const Workplace place;
    const auto result = run_shipped(place, std::string("metronome/") + GetParam(), 2);
    EXPECT_EQ(result.exit_code, 0) << result.output << result.error_output;
}

INSTANTIATE_TEST_SUITE_P(Shipped,
                         Metronome,
                         ::testing::Values("pair-crash.json",
                                           "pair-hang.json",
                                           "masked.json",
                                           "restart.json",
                                           "lost-writes.json",
                                           "start-failure.json"),
                         [](const auto& shipped) { return name_of(shipped.param); });

}  // namespace
}  // namespace faultline::e2e
