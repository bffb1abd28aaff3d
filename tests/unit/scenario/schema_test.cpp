// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/schema.hpp"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/scenario/loading.hpp"

namespace faultline {
namespace {

/// valijson reads seeds above 2^63 as negative numbers.
std::string full_with_a_small_seed() {
    std::string text = full_scenario;
    const std::string seed = "18446744073709551615";
    return text.replace(text.find(seed), seed.size(), "7");
}

/// Whether the published schema takes a text.
bool schema_takes(const std::string& text) {
    static const valijson::Schema* schema = [] {
        auto* made = new valijson::Schema;  // lives as long as the program, like the tests' catalog
        const auto json = nlohmann::json::parse(scenario_schema(fake_catalog()));
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json), *made);
        return made;
    }();
    const auto json = nlohmann::json::parse(text);
    valijson::Validator validator;
    return validator.validate(*schema, valijson::adapters::NlohmannJsonAdapter(json), nullptr);
}

TEST(ScenarioSchema, TakesWhatTheDecoderTakes) {
    const std::vector<std::string> good{
        full_with_a_small_seed(),
        with(with_load),
        with(
            R"("faults": [{"fault": "odd.everything", "on": "kv:any", "at": "0.5s", "boolean": true, "choice": "right",
              "words": [], "labels": {"a": 1}, "size": "1KiB"}])"),
        with(R"("parameters": {"n": [1, 2], "r": "5/s"}, "trials": {"count": "${param.n}"})"),
        with(
            R"("detection": [{"log": "x"}, {"probe": "exec", "command": ["true"], "in": "kv", "period": "1s"}])"),
        with(
            R"("links": [{"from": "kv", "to": "kv", "port": "client", "shared": true}], "isolation": "auto",
             "faults": [{"fault": "link.latency", "on": "kv[0]->kv:any.client", "at": "1s", "delay": "5ms"},
                        {"fault": "link.partition", "on": "kv<->kv", "at": "1s", "groups": ["kv[0], kv[1]"]},
                        {"fault": "link.loss", "on": "kv->kv", "at": "1s"}])"),
    };
    for (const std::string& text : good) {
        EXPECT_TRUE(schema_takes(text)) << text;
        EXPECT_THAT(mistakes_in(text), testing::IsEmpty()) << text;
    }
}

TEST(ScenarioSchema, RefusesWhatTheDecoderRefuses) {
    const std::vector<std::string> bad{
        "[]",
        R"({"name": "n"})",
        R"({"name": "n", "targets": {}})",
        R"({"name": "n", "targets": {"kv": {}}})",
        R"({"name": "n", "targets": {"kv": {"command": []}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "cuont": 1}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "count": 0}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "count": 1.5}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "instances": {"x": {}}}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "instances": {"0": {"count": 1}}}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "ready": {"within": "1s"}}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "ready": {"probe": "redis.pong"}}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "ready": {"probe": "exec"}}}})",
        R"({"name": "n", "targets": {"kv": {"command": ["a"], "stop": {"grace": 2}}}})",
        with(R"("stedy_state": {})"),
        with(R"("success_window": "5")"),
        with(R"("load": {"driver": "redis", "to": "kv", "rate": 5})"),
        with(R"("load": {"driver": "redis", "to": "kv", "rate": "5"})"),
        with(R"("load": {"driver": "redis", "to": "kv", "path": "/"})"),
        with(R"("load": {"driver": "http", "to": "kv", "keys": 5})"),
        with(R"("load": {"to": "kv"})"),
        with(R"("load": {"driver": "redis", "to": "kv", "operations": {"sett": 1}})"),
        with(R"("load": {"driver": "redis", "to": "kv", "arrivals": "uniform"})"),
        with(R"("faults": [{"fault": "process.crash", "on": "kv"}])"),
        with(
            R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "after": {"event": "e"}}])"),
        with(R"("faults": [{"fault": "process.crash", "on": "kv", "at": "1s", "share": 0.5}])"),
        with(R"("faults": [{"fault": "process.throttle", "on": "kv", "at": "1s", "share": 1.5}])"),
        with(R"("faults": [{"fault": "process.start_failure", "on": "kv", "at": "1s"}])"),
        with(R"("faults": [{"fault": "process.crash", "on": "kv[x]", "at": "1s"}])"),
        with(R"("links": {})"),
        with(R"("links": [{"from": "kv", "to": "kv"}])"),
        with(R"("links": [{"from": "kv", "to": "kv", "port": "client", "shared": 1}])"),
        with(R"("links": [{"from": "kv", "to": "kv", "port": "client", "prot": "x"}])"),
        with(R"("isolation": "docker")"),
        with(R"("faults": [{"fault": "process.crash", "on": "kv->kv.client", "at": "1s"}])"),
        with(R"("faults": [{"fault": "link.loss", "on": "kv", "at": "1s"}])"),
        with(R"("faults": [{"fault": "link.loss", "on": "kv->kv.a.b", "at": "1s"}])"),
        with(
            R"("faults": [{"fault": "link.partition", "on": "kv->kv", "at": "1s", "groups": "kv"}])"),
        with(R"("detection": [{"in": "kv"}])"),
        with(R"("detection": [{"log": "a", "command": ["x"]}])"),
        with(R"("detection": [{"log": "a", "event": "b"}])"),
        with(R"("trials": {"count": -1})"),
        with(R"("trials": {"seed": -1})"),
        with(R"("expect": "x")"),
        with(R"("parameters": {"a": []})"),
        with(R"("extends": "")"),
    };
    for (const std::string& text : bad) {
        EXPECT_FALSE(schema_takes(text)) << text;
        EXPECT_THAT(mistakes_in(text), testing::Not(testing::IsEmpty())) << text;
    }
}

TEST(ScenarioSchema, LetsAnExtendingFileLeaveThingsOut) {
    EXPECT_TRUE(schema_takes(
        R"({"extends": "base.json", "load": {"rate": "5/s"}, "targets": {"kv": {"count": 2}}})"));
    EXPECT_FALSE(schema_takes(R"({"extends": "base.json", "laod": {}})"));
}

TEST(ScenarioSchema, HelpsEditorsWithDescriptionsAndDefaults) {
    const auto schema = nlohmann::json::parse(scenario_schema(fake_catalog()));
    EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    const auto& rate = schema["definitions"]["load"]["properties"]["rate"];
    EXPECT_EQ(rate["default"], "100/s");
    EXPECT_EQ(rate["description"], "operations started (0.001/s to 1000000/s)");
    EXPECT_EQ(schema["definitions"]["load:redis"]["properties"]["keys"]["default"], 1000);
    EXPECT_EQ(schema["definitions"]["fault"]["properties"]["fault"]["enum"].size(),
              fake_catalog().faults.size());
}

TEST(ScenarioReference, NamesEveryKeyKindAndMeasure) {
    const std::string text = scenario_reference(fake_catalog());
    for (const char* part :
         {"### load",
          "| `rate` | rate | `100/s` | 0.001/s to 1000000/s | operations started |",
          "### process.crash",
          "- proof: the pidfd",
          "### redis.role",
          "- answers: master, slave",
          "| `lost_writes` |",
          "### link",
          "- on links: `\"on\": \"a->b.port\"`",
          "| `groups` | list of groups |",
          "| `${to.TARGET[i].port.NAME}` |",
          "| `${port.NAME}` |"}) {
        EXPECT_THAT(text, testing::HasSubstr(part));
    }
}

}  // namespace
}  // namespace faultline
