// SPDX-License-Identifier: Apache-2.0
// What is printed validates against the published schema, and the schema knows every field of it.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/cli/gate_report.hpp"
#include "tests/unit/result/schema_check.hpp"

namespace faultline::cli {
namespace {

using nlohmann::json;

GateReport sample_gate(RunOutcome outcome = RunOutcome::pass) {
    ScenarioGate gate{.scenario = "pair", .parameters = {{"rate", "5/s"}}, .interleaved = true};
    gate.base_directory = "out/pair/base";
    gate.head_directory = "out/pair/head";
    gate.looks = 5;
    gate.looks_planned = 11;
    gate.base_trials = gate.head_trials = 34;
    for (const GateState state :
         {GateState::open, GateState::not_worse, GateState::worse, GateState::undecidable})
        gate.measures.push_back(
            {.name = "recovery_time", .state = state, .explanation = "it took longer"});
    gate.base.emplace();
    gate.head.emplace();
    gate.outcome = outcome;
    gate.reason = "no measure is worse by what counts";
    GateReport report{.effect = 0.1, .alarm = 0.05, .miss = 0.1, .trials_max = 100};
    report.notes = {"another kernel"};
    report.scenarios.push_back(std::move(gate));
    report.outcome = outcome;
    return report;
}

TEST(GateJson, KeepsToItsSchema) {
    const json schema = schema_named("gate-1");
    for (const RunOutcome outcome : {RunOutcome::pass,
                                     RunOutcome::fail,
                                     RunOutcome::inconclusive,
                                     RunOutcome::unhealthy,
                                     RunOutcome::ineffective,
                                     RunOutcome::harness_error,
                                     RunOutcome::interrupted}) {
        const json document = json::parse(gate_json(sample_gate(outcome)));
        EXPECT_EQ(complaints(schema, document), "") << document["verdict"];
        EXPECT_EQ(undescribed(schema, document), "");
    }
}

TEST(GateJson, HoldsAComparisonThatKeepsToItsOwn) {
    const json document = json::parse(gate_json(sample_gate()));
    const json& comparison = document["scenarios"][0]["comparison"];
    EXPECT_EQ(complaints(schema_named("comparison-1"), comparison), "");
    EXPECT_EQ(comparison["scenario"], "pair");
}

TEST(GateJson, SchemaRejectsWhatIsNotAGate) {
    const json schema = schema_named("gate-1");
    json document = json::parse(gate_json(sample_gate()));
    document["scenarios"][0]["measures"][0]["state"] = "slower";
    EXPECT_NE(complaints(schema, document), "");
    document = json::parse(gate_json(sample_gate()));
    document["verdict"] = "usage";  // nothing is gated then
    EXPECT_NE(complaints(schema, document), "");
    EXPECT_NE(complaints(schema, json::object()), "");
}

}  // namespace
}  // namespace faultline::cli
