// SPDX-License-Identifier: Apache-2.0
// What is written validates against the published schemas, and the schemas know every field
// written.
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline {
namespace {

using nlohmann::json;

json schema_named(const std::string& name) {
    const auto text = read_file(std::string(FAULTLINE_SCHEMA_FOLDER) + "/" + name + ".schema.json");
    return text ? json::parse(*text) : json();
}

/// Empty when `document` is valid.
std::string complaints(const json& schema_json, const json& document) {
    valijson::Schema schema;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
    valijson::ValidationResults results;
    valijson::Validator validator;
    validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results);
    std::string text;
    for (const auto& error : results) {
        for (const std::string& part : error.context)
            text += part;
        text += ": " + error.description + "\n";
    }
    return text;
}

/// The fields of `value` that `schema` does not describe.
void undescribed(const json& root,
                 const json& schema,
                 const json& value,
                 const std::string& path,
                 std::string& found) {
    if (schema.contains("$ref")) {
        const std::string reference = schema["$ref"];
        return undescribed(
            root, root.at(json::json_pointer(reference.substr(1))), value, path, found);
    }
    if (value.is_array() && schema.contains("items")) {
        for (const json& item : value)
            undescribed(root, schema["items"], item, path + "[]", found);
    }
    if (!value.is_object() || !schema.contains("properties")) return;
    for (const auto& [key, inside] : value.items()) {
        const std::string here = path + "." + key;
        if (!schema["properties"].contains(key)) {
            found += here + "\n";
        } else {
            undescribed(root, schema["properties"][key], inside, here, found);
        }
    }
}

std::string undescribed(const json& schema, const json& value) {
    std::string found;
    undescribed(schema, schema, value, "", found);
    return found;
}

TEST(RecordSchemas, AcceptEveryTrialWritten) {
    const json schema = schema_named("trial-1");
    for (const RunRecord& run : {sample_run(), sample_failed_run()}) {
        for (const TrialRecord& trial : run.trials) {
            const json line = json::parse(encode_trial(trial));
            EXPECT_EQ(complaints(schema, line), "") << line.dump(2);
            EXPECT_EQ(undescribed(schema, line), "");
        }
    }
    EXPECT_EQ(complaints(schema, json::parse(encode_trial({.trial = 1}))), "");
}

TEST(RecordSchemas, AcceptEveryOutcome) {
    const json schema = schema_named("trial-1");
    for (const TrialOutcome outcome : {TrialOutcome::pass,
                                       TrialOutcome::unhealthy,
                                       TrialOutcome::ineffective,
                                       TrialOutcome::harness_error,
                                       TrialOutcome::interrupted}) {
        const json line = json::parse(encode_trial({.trial = 1, .outcome = outcome}));
        EXPECT_EQ(complaints(schema, line), "") << line["outcome"];
    }
    const json summary_schema = schema_named("summary-1");
    for (const RunOutcome outcome : {RunOutcome::pass,
                                     RunOutcome::fail,
                                     RunOutcome::usage,
                                     RunOutcome::inconclusive,
                                     RunOutcome::unhealthy,
                                     RunOutcome::ineffective,
                                     RunOutcome::harness_error,
                                     RunOutcome::interrupted}) {
        Summary summary;
        summary.outcome = outcome;
        const json document = json::parse(encode_summary(summary, {}));
        EXPECT_EQ(complaints(summary_schema, document), "") << document["verdict"];
    }
}

TEST(RecordSchemas, AcceptTheManifestAndTheSummary) {
    for (const RunRecord& run : {sample_run(), sample_failed_run()}) {
        const json manifest = json::parse(encode_manifest(run));
        EXPECT_EQ(complaints(schema_named("run-1"), manifest), "");
        EXPECT_EQ(undescribed(schema_named("run-1"), manifest), "");
        const json summary = json::parse(encode_summary(*run.summary, run.instrument));
        EXPECT_EQ(complaints(schema_named("summary-1"), summary), "");
        EXPECT_EQ(undescribed(schema_named("summary-1"), summary), "");
    }
}

TEST(RecordSchemas, RejectWhatIsNotARecord) {
    json line = json::parse(encode_trial(sample_trial(1)));
    line["injections"][0]["at_ns"] = "soon";
    EXPECT_NE(complaints(schema_named("trial-1"), line), "");
    json manifest = json::parse(encode_manifest(sample_run()));
    manifest["seed"] = 7;
    EXPECT_NE(complaints(schema_named("run-1"), manifest), "");
    json summary = json::parse(encode_summary(*sample_run().summary, {}));
    summary["version"] = 2;
    EXPECT_NE(complaints(schema_named("summary-1"), summary), "");
}

}  // namespace
}  // namespace faultline
