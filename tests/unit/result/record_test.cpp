// SPDX-License-Identifier: Apache-2.0
#include "harness/result/record.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/result/sample_run.hpp"

namespace faultline {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(TrialRecord, ComesBackFromItsLine) {
    const TrialRecord trial = sample_trial(7);
    const std::string line = encode_trial(trial);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto back = decode_trial(line);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(encode_trial(*back), line);
    EXPECT_EQ(back->seed, trial.seed);
    EXPECT_EQ(back->lag_p99, trial.lag_p99);
    ASSERT_EQ(back->injections.size(), 1U);
    EXPECT_EQ(back->injections[0].injection.call_begin, trial.injections[0].injection.call_begin);
    EXPECT_EQ(back->injections[0].measures.recovery_time, 1377ms);
    EXPECT_EQ(back->injections[0].measures.stages.decided, 1200ms);
    EXPECT_EQ(back->instances[0].exit_signal, 9);
    EXPECT_EQ(back->instances[0].exit_code, std::nullopt);
    EXPECT_EQ(back->instances[0].memory_peak_bytes, 9'437'184U);
}

TEST(TrialRecord, IsReadWithoutTheMemoryThatOlderOnesDoNotHave) {
    json line = json::parse(encode_trial(sample_trial(7)));
    line["instances"][0].erase("memory_peak_bytes");
    const auto back = decode_trial(line.dump());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->instances[0].memory_peak_bytes, std::nullopt);
}

TEST(TrialRecord, SpellsTheStableFields) {
    const json line = json::parse(encode_trial(sample_trial(7)));
    EXPECT_EQ(line["trial"], 7);
    EXPECT_EQ(line["kind"], "fault");
    EXPECT_TRUE(line["seed"].is_string());
    EXPECT_EQ(line["outcome"], "pass");
    const json& injection = line["injections"][0];
    EXPECT_EQ(injection["fault"], "process.crash");
    EXPECT_EQ(injection["at_ns"], 5'000'020'000);
    EXPECT_EQ(injection["bracket_ns"], 10'000);
    EXPECT_EQ(injection["effect"], "confirmed");
    EXPECT_EQ(injection["detection_time_ns"], 1'047'000'000);
    EXPECT_EQ(injection["detected_by"], "log sentinel[1]");
    EXPECT_TRUE(injection["redundancy_time_ns"].is_null());
    EXPECT_TRUE(injection["stages"]["located_ns"].is_null());
    EXPECT_EQ(injection["diagnosis"], "crash");
    EXPECT_EQ(line["operations"]["lag_p99_ns"], 80'000);
    EXPECT_EQ(line["checks"]["lost_writes"], 0);
    EXPECT_TRUE(line["checks"]["stale_reads"].is_null());
    EXPECT_EQ(line["false_detections"], 0);
}

TEST(TrialRecord, SurvivesBytesThatAreNotUtf8) {
    TrialRecord trial = sample_trial(1);
    trial.reason = "broken \xff\xfe text";
    const auto back = decode_trial(encode_trial(trial));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_THAT(back->reason, HasSubstr("\xEF\xBF\xBD"));
}

TEST(TrialRecord, ReadsRecordsWithFewerAndWithUnknownFields) {
    const auto trial = decode_trial(
        R"({"version": 1, "trial": 3, "kind": "control", "seed": "5", "outcome": "unhealthy", "new": [1]})");
    ASSERT_TRUE(trial) << trial.error().message;
    EXPECT_TRUE(trial->control);
    EXPECT_EQ(trial->seed, 5U);
    EXPECT_EQ(trial->outcome, TrialOutcome::unhealthy);
    EXPECT_EQ(trial->lost_writes, std::nullopt);
    EXPECT_EQ(trial->stale_reads, std::nullopt);
}

TEST(TrialRecord, CarriesStaleReads) {
    TrialRecord trial = sample_trial(1);
    trial.reads_checked = 4000;
    trial.stale_reads = 3;
    trial.stale_keys = {"faultline:7"};
    const auto back = decode_trial(encode_trial(trial));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->reads_checked, 4000U);
    EXPECT_EQ(back->stale_reads, 3U);
    EXPECT_THAT(back->stale_keys, ElementsAre("faultline:7"));
    EXPECT_EQ(measured_of(*back).stale_reads, 3U);
}

TEST(TrialRecord, RefusesWhatItCannotMean) {
    const auto message = [](json changes) {
        json line = json::parse(encode_trial(sample_trial(1)));
        line.merge_patch(changes);
        const auto trial = decode_trial(line.dump());
        return trial ? std::string("accepted") : trial.error().message;
    };
    EXPECT_THAT(message({{"version", 2}}),
                HasSubstr("written by record version 2; this faultline reads 1"));
    EXPECT_THAT(message({{"version", nullptr}}), HasSubstr("\"version\" is missing"));
    EXPECT_THAT(message({{"trial", "7"}}), HasSubstr("\"trial\" is not an integer"));
    EXPECT_THAT(message({{"trial", 70'000'000'000}}), HasSubstr("\"trial\" is out of range"));
    EXPECT_THAT(message({{"kind", "other"}}), HasSubstr("\"kind\""));
    EXPECT_THAT(message({{"outcome", "fine"}}), HasSubstr("unknown value \"fine\""));
    EXPECT_THAT(message({{"seed", "12x"}}), HasSubstr("\"seed\" is not a seed"));
    EXPECT_THAT(message({{"operations", {{"total", -1}}}}), HasSubstr("\"operations.total\""));
    EXPECT_THAT(message({{"injections", {{{"id", 5}}}}}), HasSubstr("\"injections[0].id\""));
    EXPECT_THAT(message({{"marks", {1}}}), HasSubstr("\"marks\" is not a list of strings"));
    EXPECT_FALSE(decode_trial(""));
    EXPECT_FALSE(decode_trial("[]"));
    EXPECT_FALSE(decode_trial("{\"version\": 1"));
}

TEST(TrialRecord, TellsTheJudgeWhatCounts) {
    TrialRecord trial = sample_trial(1);
    TrialMeasured measured = measured_of(trial);
    EXPECT_FALSE(measured.disturbed);
    EXPECT_THAT(measured.injection_ids, ElementsAre("fault-1"));
    EXPECT_EQ(measured.lost_writes, 0U);
    EXPECT_EQ(measured.false_detection_exposure, 3s);
    trial.marks = {"jitter"};
    EXPECT_FALSE(measured_of(trial).disturbed);
    trial.marks = {"lag"};
    EXPECT_TRUE(measured_of(trial).disturbed);
    trial.marks = {"disturbed"};
    EXPECT_TRUE(measured_of(trial).disturbed);
}

TEST(Manifest, ComesBackFromItsText) {
    const RunRecord run = sample_run();
    const auto back = decode_manifest(encode_manifest(run));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(encode_manifest(*back), encode_manifest(run));
    EXPECT_EQ(back->seed, run.seed);
    EXPECT_EQ(back->command, run.command);
    EXPECT_EQ(json::parse(back->scenario_json), json::parse(run.scenario_json));
    EXPECT_EQ(back->instrument.detection_error_p99, 210e3);
    EXPECT_TRUE(back->trials.empty());
}

TEST(Manifest, RefusesAnotherVersion) {
    json manifest = json::parse(encode_manifest(sample_run()));
    manifest["version"] = 7;
    const auto back = decode_manifest(manifest.dump());
    ASSERT_FALSE(back);
    EXPECT_EQ(back.error().code, ErrorCode::unsupported);
    EXPECT_EQ(back.error().message, "written by record version 7; this faultline reads 1");
}

TEST(Manifest, SaysNothingOfAMachineThatWasNeverCalibrated) {
    RunRecord run = sample_run();
    run.instrument = {};
    const json manifest = json::parse(encode_manifest(run));
    EXPECT_TRUE(manifest["instrument"]["measured_at"].is_null());
    EXPECT_TRUE(manifest["instrument"]["detection_error_p99_ns"].is_null());
    EXPECT_TRUE(decode_manifest(manifest.dump())->instrument.measured_at.empty());
}

TEST(SummaryRecord, ComesBackFromItsText) {
    for (const RunRecord& run : {sample_run(), sample_failed_run()}) {
        const std::string text = encode_summary(*run.summary, run.instrument);
        const auto back = decode_summary(text);
        ASSERT_TRUE(back) << back.error().message;
        EXPECT_EQ(encode_summary(*back, run.instrument), text);
        EXPECT_EQ(back->outcome, run.summary->outcome);
        EXPECT_EQ(back->injections[0].diagnoses.at("process.crash").at("crash"), 20U);
    }
}

TEST(SummaryRecord, WritesOpenEndsAsNull) {
    const RunRecord run = sample_failed_run();
    const json summary = json::parse(encode_summary(*run.summary, run.instrument));
    EXPECT_EQ(summary["verdict"], "fail");
    EXPECT_EQ(summary["exit_code"], 1);
    EXPECT_EQ(summary["trials"], json({{"fault", 18}, {"control", 2}, {"invalid", 2}}));
    const json& detection = summary["measures"]["detection_time"];
    EXPECT_EQ(detection["p50_ns"], 1'050'000'000);
    EXPECT_EQ(detection["p50_interval_ns"], json({1'045'000'000, 1'055'000'000}));
    EXPECT_EQ(detection["p95_interval_ns"], json({1'056'000'000, nullptr}));
    EXPECT_EQ(summary["measures"]["recovered"]["k"], 20);
    EXPECT_EQ(summary["measures"]["lost_writes"]["total"], 2);
    EXPECT_EQ(summary["expectations"][0]["interval"], json({nullptr, nullptr}));
    const auto back = decode_summary(summary.dump());
    ASSERT_TRUE(back);
    EXPECT_TRUE(std::isinf(back->injections[0].spans.at("detection_time").p95_interval.high));
}

TEST(SummaryRecord, HoldsARunWithoutTrials) {
    Summary empty;
    empty.outcome = RunOutcome::harness_error;
    const auto back = decode_summary(encode_summary(empty, {}));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->outcome, RunOutcome::harness_error);
    EXPECT_TRUE(back->injections.empty());
}

}  // namespace
}  // namespace faultline
