// SPDX-License-Identifier: Apache-2.0
#include "reports/trial_digest.hpp"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/html/trial_choice.hpp"
#include "reports/recovery_condition.hpp"
#include "reports/stage_spread.hpp"
#include "reports/trial_reading.hpp"
#include "tests/unit/reports/sample_timeline.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

using std::chrono::milliseconds;

DigestOptions options_with(DigestDetail detail) {
    return {.detail = detail,
            .grid = {.from = -milliseconds(100), .width = milliseconds(10), .size = 30}};
}

TEST(TrialDigest, CountsEveryOperationOnce) {
    for (const std::size_t bins : {1U, 7U, 400U, 5000U}) {
        const TrialDigest digest = digest_of(sample_timeline(), options_with({.bins = bins}));
        std::size_t good = 0, bad = 0;
        for (const DigestBin& bin : digest.bins) {
            good += bin.good;
            bad += bin.bad;
        }
        EXPECT_EQ(good, sample_operations - sample_bad_operations) << bins;
        EXPECT_EQ(bad, sample_bad_operations) << bins;
    }
}

TEST(TrialDigest, KeepsLeastMedianAndLargestLatencyOfEachBin) {
    Timeline timeline = sample_timeline();
    timeline.operations[3].end_ns = timeline.operations[3].intended_ns + 1'000'000;
    timeline.operations[5].end_ns = timeline.operations[5].intended_ns + 9'000'000;
    const TrialDigest digest = digest_of(timeline, options_with({.bins = 100}));
    EXPECT_EQ(digest.bins[0].latency_min, 1000);
    EXPECT_EQ(digest.bins[0].latency_median, 2000);
    EXPECT_EQ(digest.bins[0].latency_max, 9000);
}

TEST(TrialDigest, CountsFromTheFirstInjection) {
    const TrialDigest digest = digest_of(sample_timeline(), options_with({}));
    EXPECT_EQ(digest.from, -500'000);
    EXPECT_EQ(digest.to, 500'000);
    EXPECT_EQ(digest.bad_operations.front().at, 0);
    EXPECT_EQ(digest.bad_operations.front().latency, 2000);
    EXPECT_EQ(digest.bad_operations.front().failure, Failure::refused);
}

TEST(TrialDigest, ThinsOutBadOperationsAndSaysHowManyThereWere) {
    const TrialDigest digest =
        digest_of(sample_timeline(), options_with({.bad_operations_max = 10}));
    EXPECT_EQ(digest.bad_total, sample_bad_operations);
    ASSERT_EQ(digest.bad_operations.size(), 10U);
    EXPECT_EQ(digest.bad_operations.front().at, 0);
    EXPECT_EQ(digest.bad_operations.back().at, 49'000);
}

TEST(TrialDigest, CallsSlowSuccessesBad) {
    DigestOptions options = options_with({});
    options.condition.latency = milliseconds(1);
    const TrialDigest digest = digest_of(sample_timeline(), options);
    EXPECT_EQ(digest.bad_total, sample_operations);
}

TEST(TrialDigest, FollowsRolesThroughTheCrash) {
    const TrialDigest digest = digest_of(sample_timeline(), options_with({}));
    std::vector<std::string> told;
    for (const RoleSpan& span : digest.roles)
        told.push_back(span.instance + " " + span.role + " " + std::to_string(span.from / 1000) +
                       " " + std::to_string(span.to / 1000));
    EXPECT_THAT(told,
                ::testing::UnorderedElementsAre("kv[0] primary -500 1",
                                                "kv[0] down 1 500",
                                                "kv[1] secondary -500 40",
                                                "kv[1] primary 40 500"));
}

TEST(TrialDigest, KeepsOfManyEventsWhatTellsOfTheRecovery) {
    const TrialDigest digest =
        digest_of(sample_timeline(), options_with({.only_telling_events = true}));
    ASSERT_EQ(digest.events.size(), 2U);
    EXPECT_EQ(digest.events[0].name, "exit");
    EXPECT_EQ(digest.events[1].name, "detected");
    EXPECT_EQ(digest.events_total, 5U);
}

TEST(TrialDigest, TakesATimelineWithoutAnything) {
    const TrialDigest digest = digest_of(Timeline{}, options_with({}));
    EXPECT_EQ(digest.operations_total, 0U);
    EXPECT_TRUE(digest.roles.empty());
}

TEST(SuccessCurve, AlignsTrialsAtTheirInjection) {
    RunRecord run = sample_run();
    const DigestOptions options = options_with({});
    TrialDigest digest = digest_of(sample_timeline(), options);
    for (const TrialRecord& trial : run.trials) {
        if (!trial.control) {
            digest.trial = trial.trial;
            break;
        }
    }
    const SuccessCurve curve = success_curve(run, {digest}, options.grid);
    EXPECT_EQ(curve.trials, 1U);
    ASSERT_EQ(curve.points.size(), 30U);
    EXPECT_EQ(curve.points[9].good, 10U);
    EXPECT_EQ(curve.points[10].at, milliseconds(5));
    EXPECT_EQ(curve.points[10].good, 0U);
    EXPECT_EQ(curve.points[10].all, 10U);
    EXPECT_EQ(curve.points[15].good, 10U);
}

TEST(SuccessCurve, LeavesInvalidTrialsOut) {
    const DigestOptions options = options_with({});
    TrialDigest digest = digest_of(sample_timeline(), options);
    RunRecord run = sample_failed_run();
    for (const TrialRecord& trial : run.trials) {
        if (trial.outcome == TrialOutcome::unhealthy) digest.trial = trial.trial;
    }
    EXPECT_EQ(success_curve(run, {digest}, options.grid).trials, 0U);
}

TEST(TrialReading, SaysWhatIsMissing) {
    const auto digests =
        read_trials("no-such-folder", {{.trial = 1}, {.trial = 2}, {.trial = 3}}, {});
    ASSERT_EQ(digests.size(), 3U);
    for (const TrialDigest& digest : digests)
        EXPECT_FALSE(digest.missing.empty());
    EXPECT_EQ(digests[2].trial, 3);
}

TEST(TrialChoice, ShowsEachTrialOnceAndTheTellingOnesFirst) {
    const RunRecord run = sample_failed_run();
    const TrialChoice choice = choose_trials(run);
    EXPECT_EQ(choice.trials.size(), run.trials.size());
    EXPECT_GT(choice.telling, 2U);
    std::vector<int> sorted = choice.trials;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end());
}

TEST(TrialChoice, PutsTheOneAskedForFirst) {
    const RunRecord run = sample_run();
    EXPECT_EQ(choose_trials(run, run.trials[9].trial).trials.front(), run.trials[9].trial);
    EXPECT_EQ(choose_trials(run, 999).trials, choose_trials(run).trials);
}

TEST(StageSpread, OrdersStagesByTheirMedian) {
    const auto spreads = stage_spreads(sample_run());
    ASSERT_FALSE(spreads.empty());
    for (std::size_t index = 1; index < spreads.size(); ++index)
        EXPECT_LE(spreads[index - 1].p50, spreads[index].p50);
    EXPECT_LE(spreads[0].p10, spreads[0].p90);
}

TEST(RecoveryCondition, IsReadFromTheScenario) {
    RunRecord run;
    run.scenario_json = R"({"recovery": {"success_rate": "95%", "latency": "20ms", "for": "1s"}})";
    const ConditionSpec condition = recovery_condition(run);
    EXPECT_DOUBLE_EQ(condition.success_rate, 0.95);
    EXPECT_EQ(condition.latency, milliseconds(20));
    EXPECT_EQ(condition.window, std::chrono::seconds(1));
    run.scenario_json = "not JSON";
    EXPECT_FALSE(recovery_condition(run).latency);
}

}  // namespace
}  // namespace faultline::reports
