// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/judge/trials.hpp"

namespace faultline {
namespace {

using ::testing::HasSubstr;

constexpr Comparison at_most = Comparison::less_equal;

TEST(Judge, PassesAScenarioThatExpectsNothing) {
    RunStory run;
    run.seconds_up_to(3);
    EXPECT_EQ(run.judged().outcome, RunOutcome::pass);
    EXPECT_EQ(exit_code_of(run.judged().outcome), 0);
}

TEST(Judge, PassesWhenEveryExpectationHolds) {
    RunStory run;
    run.seconds_up_to(3).expect(recovery_quantile(0.5, at_most, 2s));
    EXPECT_EQ(run.judged().outcome, RunOutcome::pass);
}

TEST(Judge, FailsWhenOneIsBrokenThoughAnotherIsUndecided) {
    RunStory run;
    run.seconds_up_to(3)
        .expect(recovery_quantile(0.95, at_most, 9s, 0.95))
        .expect(recovery_quantile(0.5, at_most, 1s));
    const Summary summary = run.judged();
    EXPECT_EQ(summary.outcome, RunOutcome::fail);
    EXPECT_EQ(summary.expectations[0].verdict, Verdict::inconclusive);
    EXPECT_EQ(summary.expectations[1].verdict, Verdict::fail);
    EXPECT_THAT(summary.reason, HasSubstr("1 of 2 expectations broken"));
}

TEST(Judge, IsInconclusiveWhenOneIsUndecided) {
    RunStory run;
    run.seconds_up_to(3)
        .expect(recovery_quantile(0.5, at_most, 2s))
        .expect(recovery_quantile(0.95, at_most, 9s, 0.95));
    EXPECT_EQ(run.judged().outcome, RunOutcome::inconclusive);
    EXPECT_THAT(run.judged().reason, HasSubstr("59 trials"));
}

TEST(Judge, LetsOneBadTrialDecideOverAnyExpectation) {
    RunStory run;
    run.seconds_up_to(100).expect(recovery_quantile(0.5, at_most, 1s));
    EXPECT_EQ(run.judged().outcome, RunOutcome::fail);
    // Each outranks the one before.
    run.ended(TrialOutcome::unhealthy);
    EXPECT_EQ(run.judged().outcome, RunOutcome::unhealthy);
    run.ended(TrialOutcome::ineffective);
    EXPECT_EQ(run.judged().outcome, RunOutcome::ineffective);
    run.ended(TrialOutcome::harness_error);
    EXPECT_EQ(run.judged().outcome, RunOutcome::harness_error);
    run.ended(TrialOutcome::interrupted);
    EXPECT_EQ(run.judged().outcome, RunOutcome::interrupted);
    const Summary summary = run.judged();
    EXPECT_EQ(summary.fault_trials, 100U);
    EXPECT_EQ(summary.invalid_trials, 4U);
    EXPECT_EQ(summary.outcomes.at("pass"), 100U);
    EXPECT_EQ(summary.outcomes.at("harness error"), 1U);
}

TEST(Judge, TakesABadControlTrialForABadTrial) {
    RunStory run;
    run.seconds_up_to(3);
    run.control().outcome = TrialOutcome::unhealthy;
    EXPECT_EQ(run.judged().outcome, RunOutcome::unhealthy);
    EXPECT_EQ(run.judged().control_trials, 0U);
}

TEST(Judge, DoesNotCountDisturbedTrialsAndSaysSo) {
    RunStory run;
    run.seconds_up_to(3).expect(recovery_quantile(0.5, at_most, 2s));
    run.recovered(100s).disturbed = true;
    const Summary summary = run.judged();
    EXPECT_EQ(summary.outcome, RunOutcome::pass);
    EXPECT_EQ(summary.fault_trials, 3U);
    EXPECT_EQ(summary.invalid_trials, 1U);
    EXPECT_EQ(summary.outcomes.at("disturbed"), 1U);
    EXPECT_EQ(summary.injections[0].spans.at("recovery_time").n, 3U);
    EXPECT_THAT(summary.reason, HasSubstr("1 of 4 fault trials not counted"));
}

TEST(Judge, IsInconclusiveWhenNoFaultTrialCounted) {
    RunStory run;
    run.recovered(1s).disturbed = true;
    EXPECT_EQ(run.judged().outcome, RunOutcome::inconclusive);
    EXPECT_EQ(RunStory().judged().outcome, RunOutcome::inconclusive) << "no trial at all";
}

TEST(Judge, PassesControlTrialsAlone) {
    RunStory run;
    run.control();
    EXPECT_EQ(run.judged().outcome, RunOutcome::pass);
    EXPECT_EQ(run.judged().control_trials, 1U);
}

TEST(Judge, CountsFalseDetectionsInFaultAndControlTrials) {
    RunStory run;
    run.recovered(1s).false_detections = 2;
    run.trials.back().false_detection_exposure = 10min;
    run.control().false_detections = 1;
    run.trials.back().false_detection_exposure = 20min;
    const Summary summary = run.judged();
    EXPECT_EQ(summary.counts.at("false_detections").total, 3U);
    EXPECT_EQ(summary.counts.at("false_detections").max, 2U);
    EXPECT_DOUBLE_EQ(summary.false_detections_per_hour, 6.0);
}

TEST(Judge, LeavesOutCountsThatWereNotChecked) {
    RunStory run;
    run.recovered(1s);
    EXPECT_FALSE(run.judged().counts.contains("lost_writes"));
    EXPECT_FALSE(run.judged().counts.contains("stale_reads"));
    run.recovered(1s).lost_writes = 4;
    run.recovered(1s).lost_writes = 0;
    const CountSummary lost = run.judged().counts.at("lost_writes");
    EXPECT_EQ(lost.n, 2U);
    EXPECT_EQ(lost.total, 4U);
    EXPECT_DOUBLE_EQ(lost.mean, 2.0);
    run.recovered(1s).stale_reads = 9;
    EXPECT_EQ(run.judged().counts.at("stale_reads").n, 1U);
    EXPECT_EQ(run.judged().counts.at("stale_reads").total, 9U);
}

TEST(Judge, SummarisesSpansAcrossTrials) {
    RunStory run;
    run.seconds_up_to(100);
    const SpanSummary span = run.judged().injections[0].spans.at("recovery_time");
    EXPECT_EQ(span.n, 100U);
    EXPECT_EQ(span.censored, 0U);
    EXPECT_EQ(span.min, 1e9);
    EXPECT_EQ(span.p50, 50e9);
    EXPECT_EQ(span.p95, 95e9);
    EXPECT_EQ(span.max, 100e9);
    EXPECT_DOUBLE_EQ(span.mean.value(), 50.5e9);
    EXPECT_TRUE(span.p95_interval.closed());
    EXPECT_FALSE(span.p99_interval.closed());
}

TEST(Judge, CountsCensoredTrialsAsAboveAll) {
    RunStory run;
    run.seconds_up_to(9);
    run.never_recovered();
    const Summary summary = run.judged();
    const SpanSummary span = summary.injections[0].spans.at("recovery_time");
    EXPECT_EQ(span.n, 10U);
    EXPECT_EQ(span.censored, 1U);
    EXPECT_EQ(span.p50, 5e9);
    EXPECT_EQ(span.p90, 9e9);
    EXPECT_FALSE(span.p95);
    EXPECT_FALSE(span.max);
    EXPECT_FALSE(span.mean);
    EXPECT_EQ(summary.injections[0].proportions.at("recovered").k, 9U);
    EXPECT_EQ(summary.injections[0].proportions.at("recovered").n, 10U);
}

TEST(Judge, TakesTrialsGivenUpEarlyThroughKaplanMeier) {
    // 1 s, 2 s, given up at 2.5 s, 3 s, 4 s: the survivor's weight goes to those after it.
    RunStory run;
    run.seconds_up_to(4);
    run.never_recovered(2500ms);
    const SpanSummary span = run.judged().injections[0].spans.at("recovery_time");
    EXPECT_EQ(span.p50, 3e9);
    EXPECT_EQ(span.p90, 4e9);
    EXPECT_FALSE(span.max);
}

TEST(Judge, CountsAMaskedFaultAsRecoveredAtOnce) {
    RunStory run;
    run.recovered(0s);
    run.recovered(3s);
    const InjectionSummary injection = run.judged().injections[0];
    EXPECT_EQ(injection.proportions.at("masked").k, 1U);
    EXPECT_EQ(injection.proportions.at("recovered").k, 2U);
    EXPECT_EQ(injection.spans.at("recovery_time").min, 0.0);
}

TEST(Judge, CensorsDetectionOnlyWhereItIsAskedFor) {
    RunStory run;
    run.recovered(1s).injections[0].detection_time.reset();
    run.recovered(1s);
    const InjectionSummary asked = run.judged().injections[0];
    EXPECT_EQ(asked.spans.at("detection_time").censored, 1U);
    EXPECT_EQ(asked.proportions.at("detected").k, 1U);
    EXPECT_EQ(asked.proportions.at("detected").n, 2U);
    run.scenario.detection.clear();
    const InjectionSummary not_asked = run.judged().injections[0];
    EXPECT_EQ(not_asked.spans.at("detection_time").n, 1U);
    EXPECT_EQ(not_asked.proportions.at("detected").n, 1U);
}

TEST(Judge, MeasuresEachInjectionByItsId) {
    RunStory run;
    run.scenario.faults.push_back({.id = "second", .kind = "process.hang"});
    for (int i = 0; i < 3; ++i) {
        TrialMeasured& trial = run.recovered(1s);
        trial.injection_ids = {"second", "fault-1"};  // fired the other way round
        trial.injections.insert(trial.injections.begin(), trial.injections[0]);
        trial.injections[0].recovery_time = 7s;
    }
    const Summary summary = run.judged();
    EXPECT_EQ(summary.injections[0].id, "fault-1");
    EXPECT_EQ(summary.injections[0].spans.at("recovery_time").p50, 1e9);
    EXPECT_EQ(summary.injections[1].spans.at("recovery_time").p50, 7e9);
}

TEST(Judge, ConfrontsDiagnosesWithFaults) {
    RunStory run;
    run.recovered(1s).injections[0].diagnosis = "crash";
    run.recovered(1s).injections[0].diagnosis = "hang";
    run.recovered(1s);
    const InjectionSummary injection = run.judged().injections[0];
    const auto& causes = injection.diagnoses.at("process.crash");
    EXPECT_EQ(causes.at("crash"), 1U);
    EXPECT_EQ(causes.at("hang"), 1U);
    EXPECT_EQ(causes.at("none"), 1U);
    EXPECT_EQ(injection.proportions.at("diagnosed").k, 1U) << "only the right cause counts";
}

TEST(Judge, TakesTheDiagnosisThatTheScenarioCallsRight) {
    RunStory run;
    run.scenario.faults[0].diagnosis = "storage_failing";
    run.scenario.expectations.push_back(*parse_expectation("diagnosed >= 60%"));
    run.scenario.expectations.push_back(*parse_expectation("diagnosed >= 95%"));
    run.recovered(1s).injections[0].diagnosis = "storage_failing";
    run.recovered(1s).injections[0].diagnosis = "storage_failing";
    run.recovered(1s).injections[0].diagnosis = "crash";  // right only without the scenario's word
    const Summary summary = run.judged();
    EXPECT_EQ(summary.injections[0].proportions.at("diagnosed").k, 2U);
    EXPECT_EQ(summary.injections[0].diagnoses.at("process.crash").at("crash"), 1U);
    EXPECT_EQ(summary.expectations[0].verdict, Verdict::pass);
    EXPECT_EQ(summary.expectations[1].verdict, Verdict::fail);
}

TEST(Judge, ADiagnosisThatWasAskedForAndNeverMadeIsShown) {
    RunStory run;
    run.scenario.faults[0].diagnosis = "storage_failing";
    run.recovered(1s);
    const InjectionSummary injection = run.judged().injections[0];
    EXPECT_EQ(injection.diagnoses.at("process.crash").at("none"), 1U);
    EXPECT_EQ(injection.proportions.at("diagnosed").k, 0U);
}

TEST(Judge, SaysNothingOfDiagnosesWhereNoneWasMade) {
    RunStory run;
    run.recovered(1s);
    EXPECT_TRUE(run.judged().injections[0].diagnoses.empty());
    EXPECT_FALSE(run.judged().injections[0].proportions.contains("diagnosed"));
}

}  // namespace
}  // namespace faultline
