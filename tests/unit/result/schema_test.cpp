// SPDX-License-Identifier: Apache-2.0
// What is written validates against the published schemas, and the schemas know every field
// written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/result/sample_run.hpp"
#include "tests/unit/result/schema_check.hpp"

namespace faultline {
namespace {

using nlohmann::json;

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
