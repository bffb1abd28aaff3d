// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "faultline/scenario.hpp"
#include <gtest/gtest.h>

#include "harness/run/catalog.hpp"
#include "harness/scenario/load_scenario.hpp"

namespace faultline::testing {
namespace {

using namespace std::chrono_literals;

Scenario pair() {
    return Scenario("pair")
        .target("kv", {"server", "--port", "${port.client}"}, {{"count", 2}})
        .role("kv", "primary", {{"probe", "redis.role"}, {"equals", "master"}})
        .load("redis", "kv@primary", {{"rate", "500/s"}})
        .detection({{"event", "detected"}, {"in", "kv"}})
        .steady_state(0.99, 200ms)
        .recovery(0.995, 250ms, 5s)
        .fault("process.hang", "kv@primary")
        .at(2s)
        .lasting(300ms)
        .fault("process.crash", "kv:any")
        .at(4s)
        .with("signal", "TERM")
        .expect("recovery_time.p95 <= 3s")
        .trials(3, 1);
}

TEST(ScenarioBuilder, WritesWhatTheReaderReads) {
    const LoadedScenario loaded = load_scenario_text(pair().json(), "code", full_catalog());
    for (const Diagnostic& mistake : loaded.diagnostics)
        ADD_FAILURE() << format_diagnostic(mistake);
    ASSERT_EQ(loaded.cases.size(), 1U);
    const auto& scenario = loaded.cases.front();
    EXPECT_EQ(scenario.name, "pair");
    EXPECT_EQ(scenario.targets.front().instances.size(), 2U);
    EXPECT_EQ(scenario.load->rate, 500);
    EXPECT_EQ(scenario.recovery.success_rate, 0.995);
    EXPECT_EQ(scenario.recovery.within, Duration(5s));
    ASSERT_EQ(scenario.faults.size(), 2U);
    EXPECT_EQ(scenario.faults[0].trigger.at, Duration(2s));
    EXPECT_EQ(scenario.faults[0].lasts, Duration(300ms));
    EXPECT_EQ(scenario.faults[1].kind, "process.crash");
    EXPECT_EQ(scenario.expectations.size(), 1U);
    EXPECT_EQ(scenario.trials.count, 3);
    EXPECT_EQ(scenario.trials.control, 1);
}

TEST(ScenarioBuilder, EscapesEveryText) {
    EXPECT_EQ(Value("a\"b\\c\n\x01").json(), "\"a\\\"b\\\\c\\u000a\\u0001\"");
    EXPECT_EQ(Value(std::vector<std::string>{}).json(), "[]");
    EXPECT_EQ(Value(0.99).json(), "0.99");
    EXPECT_EQ(Value(true).json(), "true");
}

TEST(ScenarioBuilder, ReplacesAFieldThatIsWrittenAgain) {
    Fields fields{{"a", 1}, {"b", 2}};
    fields.set("a", 3);
    EXPECT_EQ(fields.json(), "{\"a\": 3, \"b\": 2}");
}

TEST(ScenarioBuilder, LeavesMistakesToTheReader) {
    const LoadedScenario loaded =
        load_scenario_text(Scenario("x").with("at", 1s).json(), "code", full_catalog());
    EXPECT_FALSE(loaded.diagnostics.empty());
}

}  // namespace
}  // namespace faultline::testing
