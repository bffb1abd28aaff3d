// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/load_scenario.hpp"

#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

Scenario full() {
    LoadedScenario loaded = load_text(full_scenario);
    EXPECT_THAT(mistakes_of(loaded), IsEmpty());
    return loaded.cases.empty() ? Scenario{} : loaded.cases.front();
}

TEST(LoadScenario, OrdersTargetsByWhatTheyWaitFor) {
    const Scenario scenario = full();
    ASSERT_EQ(scenario.targets.size(), 2u);
    EXPECT_EQ(scenario.targets[0].name, "redis");
    EXPECT_EQ(scenario.targets[1].name, "sentinel");
    EXPECT_THAT(scenario.targets[1].after, ElementsAre("redis"));
    EXPECT_EQ(find_target(scenario, "redis"), &scenario.targets[0]);
    EXPECT_EQ(find_target(scenario, "nobody"), nullptr);
}

TEST(LoadScenario, DecodesATarget) {
    const Target target = full().targets.at(0);
    ASSERT_EQ(target.instances.size(), 3u);
    const InstanceSpec& first = target.instances[0];
    EXPECT_THAT(first.command,
                ElementsAre("redis-server", "${dir}/redis.conf", "--loglevel", "notice"));
    EXPECT_THAT(first.environment,
                ElementsAre(testing::Pair("MODE", "test"), testing::Pair("NUMBER", "5")));
    EXPECT_THAT(first.environment_removed, ElementsAre("LANG"));
    EXPECT_EQ(first.folder, "${dir}");
    EXPECT_EQ(first.files.at("redis.conf"), "port ${port.client}\ndir ${dir}\n");
    EXPECT_EQ(first.files.at("raw"), "no newline");
    EXPECT_EQ(first.ready->probe.kind, "redis.ping");
    EXPECT_EQ(first.ready->within, seconds(5));
    EXPECT_EQ(first.ready->probe.period, milliseconds(20));
    EXPECT_EQ(first.stop.signal, 2);
    EXPECT_EQ(first.stop.grace, seconds(1));
    EXPECT_EQ(first.limits.open_files, 1024u);
    EXPECT_EQ(first.limits.memory_bytes, 256u << 20);
}

TEST(LoadScenario, MergesAnInstanceOverItsTarget) {
    const Target target = full().targets.at(0);
    const InstanceSpec& second = target.instances.at(1);
    EXPECT_THAT(second.command,
                ElementsAre("redis-server",
                            "${dir}/redis.conf",
                            "--replicaof",
                            "127.0.0.1",
                            "${redis[0].port.client}"));
    EXPECT_EQ(second.environment.at("MODE"), "replica");
    EXPECT_EQ(second.environment.at("NUMBER"), "5");
    EXPECT_EQ(second.stop.signal, 2);
    EXPECT_EQ(target.instances.at(2).environment.at("MODE"), "test");
}

TEST(LoadScenario, DecodesLoadAndConditions) {
    const Scenario scenario = full();
    EXPECT_EQ(scenario.load->driver, "redis");
    EXPECT_EQ(scenario.load->to.role, "primary");
    EXPECT_EQ(scenario.load->rate, 1000.0);
    EXPECT_EQ(scenario.load->arrivals, Arrivals::poisson);
    EXPECT_EQ(scenario.load->timeout, milliseconds(80));
    EXPECT_EQ(scenario.load->reconnect_first, milliseconds(2));
    EXPECT_EQ(scenario.load->reconnect_max, milliseconds(20));
    EXPECT_EQ(scenario.load->parameters.get<std::int64_t>("keys"), 100);
    EXPECT_EQ(
        (scenario.load->parameters.get<std::map<std::string, double>>("operations").at("set")),
        0.5);
    EXPECT_EQ(scenario.steady_state.latency, milliseconds(20));
    EXPECT_EQ(scenario.steady_state.window, seconds(1));
    EXPECT_EQ(scenario.recovery.success_rate, 0.99);
    EXPECT_EQ(scenario.recovery.within, seconds(25));
    EXPECT_EQ(scenario.detection_within, seconds(25));  // as recovery's
    EXPECT_EQ(scenario.success_window, seconds(5));
    EXPECT_EQ(scenario.redundancy->within, seconds(12));
}

TEST(LoadScenario, DecodesFaultsAndSignals) {
    const Scenario scenario = full();
    ASSERT_EQ(scenario.faults.size(), 2u);
    EXPECT_EQ(scenario.faults[0].id, "first");
    EXPECT_TRUE(scenario.faults[0].named);
    EXPECT_EQ(scenario.faults[0].trigger.at, seconds(2));
    EXPECT_EQ(scenario.faults[0].trigger.jitter, milliseconds(500));
    EXPECT_EQ(scenario.faults[0].parameters.get<std::int64_t>("signal"), 9);
    EXPECT_EQ(scenario.faults[1].id, "fault-2");
    EXPECT_FALSE(scenario.faults[1].named);
    EXPECT_EQ(scenario.faults[1].on.remembered, "first");
    EXPECT_EQ(scenario.faults[1].lasts, seconds(1));
    EXPECT_EQ(scenario.faults[1].trigger.after_event, "elected");
    EXPECT_EQ(scenario.faults[1].trigger.after_fields.at("term"), "2");
    EXPECT_EQ(scenario.faults[1].trigger.after_from->target, "sentinel");
    EXPECT_EQ(scenario.faults[1].trigger.after_delay, milliseconds(10));
    ASSERT_EQ(scenario.detection.size(), 4u);
    EXPECT_EQ(scenario.detection[0].pattern, "\\+sdown master");
    EXPECT_EQ(scenario.detection[0].text, "log \\+sdown master in sentinel");
    EXPECT_EQ(scenario.detection[1].fields.at("cause"), "crash");
    EXPECT_EQ(scenario.detection[2].probe.equals, "master");
    EXPECT_EQ(scenario.detection[3].source, SignalSource::exit);
    EXPECT_EQ(scenario.detection[3].in->role, "primary");
}

TEST(LoadScenario, DecodesTheDiagnosisThatIsRight) {
    const LoadedScenario loaded = load_text(with(R"("faults": [
        {"fault": "process.crash", "on": "kv", "at": "1s", "diagnosis": "storage_failing"},
        {"fault": "process.crash", "on": "kv", "at": "2s"}], "expect": ["diagnosed >= 95% @ 95%"])"));
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    const Scenario& scenario = loaded.cases.front();
    EXPECT_EQ(scenario.faults[0].diagnosis, "storage_failing");
    EXPECT_EQ(scenario.faults[1].diagnosis, std::nullopt);
    EXPECT_EQ(scenario.expectations[0].metric, "diagnosed");
    EXPECT_EQ(scenario.expectations[0].shape, MeasureShape::proportion);
}

TEST(LoadScenario, RejectsADiagnosisThatSaysNothing) {
    EXPECT_THAT(
        mistakes_in(with(
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "diagnosis": ""}])")),
        mistakes_with("\"diagnosis\" is empty"));
}

TEST(LoadScenario, DecodesTrialsWithSeedsOf64Bits) {
    const Scenario scenario = full();
    EXPECT_EQ(scenario.trials.count, 20);
    EXPECT_EQ(scenario.trials.control, 2);
    EXPECT_EQ(scenario.trials.seed, 18446744073709551615u);
    EXPECT_EQ(scenario.expectations.size(), 5u);
}

TEST(LoadScenario, TakesTheModelsDefaultsFromTheTables) {
    const LoadedScenario loaded = load_text(with(with_load));
    ASSERT_THAT(mistakes_of(loaded), IsEmpty());
    const Scenario& read = loaded.cases.front();
    EXPECT_EQ(read.steady_state.success_rate, ConditionSpec{}.success_rate);
    EXPECT_EQ(read.steady_state.window, ConditionSpec{}.window);
    EXPECT_EQ(read.recovery.within, ConditionSpec{}.within);
    EXPECT_EQ(read.success_window, Scenario{}.success_window);
    EXPECT_EQ(read.detection_within, Scenario{}.detection_within);
    EXPECT_EQ(read.load->rate, LoadSpec{}.rate);
    EXPECT_EQ(read.load->connections, LoadSpec{}.connections);
    EXPECT_EQ(read.load->in_flight_max, LoadSpec{}.in_flight_max);
    EXPECT_EQ(read.load->timeout, LoadSpec{}.timeout);
    EXPECT_EQ(read.load->reconnect_first, LoadSpec{}.reconnect_first);
    EXPECT_EQ(read.load->reconnect_max, LoadSpec{}.reconnect_max);
    EXPECT_EQ(read.load->lag_max, LoadSpec{}.lag_max);
    EXPECT_EQ(read.trials.count, TrialsSpec{}.count);
    EXPECT_EQ(read.targets[0].instances[0].stop.signal, StopSpec{}.signal);
    EXPECT_EQ(read.targets[0].instances[0].stop.grace, StopSpec{}.grace);
}

TEST(LoadScenario, ReportsAMissingFileByName) {
    const LoadedScenario loaded = load_scenario("/nonexistent/s.json", fake_catalog());
    EXPECT_THAT(mistakes_of(loaded),
                mistakes_with("/nonexistent/s.json: reading /nonexistent/s.json"));
    EXPECT_EQ(loaded.diagnostics[0].line, 0u);
}

TEST(LoadScenario, ReadsItsOwnResolvedJson) {
    const Scenario scenario = full();
    const LoadedScenario again = load_text(scenario.resolved_json);
    ASSERT_THAT(mistakes_of(again), IsEmpty());
    EXPECT_EQ(again.cases.front().resolved_json, scenario.resolved_json);
}

}  // namespace
}  // namespace faultline
