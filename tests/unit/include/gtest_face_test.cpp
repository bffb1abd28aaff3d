// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <thread>

#include "faultline/gtest.hpp"
#include <gtest/gtest-spi.h>

namespace faultline::testing {
namespace {

using namespace std::chrono_literals;

harness::Trial good_trial(int number) {
    harness::Injection injection;
    injection.fault = "process.crash";
    injection.on = {"kv[0]"};
    injection.detection_time = 400ms;
    injection.detected_by = "log kv[1]";
    injection.recovery_time = 900ms;
    injection.success_rate = 0.9;
    harness::Trial trial;
    trial.number = number;
    trial.counts = true;
    trial.outcome = "pass";
    trial.injections = {injection};
    trial.lost_writes = 0;
    trial.stale_reads = 0;
    return trial;
}

harness::Run good_run() {
    harness::Run run;
    run.scenario = "kv-crash";
    run.outcome = "pass";
    run.directory = "results/kv-crash-1";
    run.seed = 7;
    run.trials = {good_trial(1), good_trial(2)};
    run.success_rate = 0.9;
    run.expectations = {{"recovered >= 95%", "pass", "2 of 2"}};
    return run;
}

/// What the assertion says when it fails; empty when it holds.
std::string said(const ::testing::AssertionResult& result) {
    return result ? "" : result.message();
}

TEST(GtestFace, AcceptsAGoodRun) {
    const harness::Run run = good_run();
    ASSERT_MEASURED(run);
    EXPECT_RECOVERED(run);
    EXPECT_RECOVERED_WITHIN(run, 900ms);
    EXPECT_DETECTED_WITHIN(run, 400ms) << "a reason of the user's";
    EXPECT_SUCCESS_RATE_AT_LEAST(run, 0.9);
    EXPECT_NO_LOST_WRITES(run);
    EXPECT_NO_STALE_READS(run);
    EXPECT_NO_FALSE_DETECTIONS(run);
    EXPECT_EXPECTATIONS(run);
}

TEST(GtestFace, SaysWhichTrialsWereTooSlowAndHowToSeeThem) {
    harness::Run run = good_run();
    run.trials[1].injections[0].recovery_time = 3200ms;
    EXPECT_EQ(said(recovered_within(run, 3s)),
              "kv-crash: should recover within 3 s, but not in 1 of 2 trials\n"
              "  trial 2, process.crash kv[0]: recovered after 3.2 s\n"
              "  evidence: faultline report results/kv-crash-1\n"
              "  seed:     7");
    EXPECT_NONFATAL_FAILURE(EXPECT_RECOVERED_WITHIN(run, 3s), "recovered after 3.2 s");
    EXPECT_RECOVERED(run);
}

TEST(GtestFace, CountsACensoredTrialAsNotRecovered) {
    harness::Run run = good_run();
    run.trials[0].injections[0].recovery_time.reset();
    run.trials[0].injections[0].censored = true;
    run.trials[0].injections[0].watched_for = 5s;
    EXPECT_NE(said(recovered(run)).find("trial 1, process.crash kv[0]: not recovered in 5 s"),
              std::string::npos);
    EXPECT_FALSE(recovered_within(run, 10s));
}

TEST(GtestFace, RejectsMissingDetectionsLostWritesStaleReadsAndFalseAlarms) {
    harness::Run run = good_run();
    run.trials[0].injections[0].detection_time.reset();
    run.trials[1].lost_writes = 3;
    run.trials[1].stale_reads = 5;
    run.trials[1].false_detections = 1;
    run.expectations.push_back({"lost_writes.total == 0", "fail", "it is 3"});
    EXPECT_NE(said(detected_within(run, 1s)).find("not detected"), std::string::npos);
    EXPECT_NE(said(no_lost_writes(run)).find("trial 2: 3 lost"), std::string::npos);
    EXPECT_NE(said(no_stale_reads(run)).find("reads were stale\n  trial 2: 5 stale"),
              std::string::npos);
    EXPECT_FALSE(no_false_detections(run));
    EXPECT_NE(said(expectations_hold(run)).find("fail: lost_writes.total == 0 (it is 3)"),
              std::string::npos);
    EXPECT_FALSE(success_rate_at_least(run, 0.95));
}

TEST(GtestFace, IsNeverGoodWhenNothingWasMeasured) {
    harness::Run empty;
    empty.error = "no such file";
    harness::Run none = good_run();
    for (harness::Trial& trial : none.trials) {
        trial.counts = false;
        trial.outcome = "unhealthy";
        trial.reason = "kv[0] was not ready";
    }
    for (const harness::Run& run : {empty, none}) {
        EXPECT_FALSE(measured(run));
        EXPECT_FALSE(recovered(run));
        EXPECT_FALSE(recovered_within(run, 1h));
        EXPECT_FALSE(detected_within(run, 1h));
        EXPECT_FALSE(success_rate_at_least(run, 0));
        EXPECT_FALSE(no_lost_writes(run));
        EXPECT_FALSE(no_stale_reads(run));
        EXPECT_FALSE(no_false_detections(run));
        EXPECT_FALSE(expectations_hold(run));
    }
    EXPECT_NE(said(recovered(none)).find("trial 1 unhealthy: kv[0] was not ready"),
              std::string::npos);
}

TEST(GtestFace, NeedsWritesToSayThatNoneWasLost) {
    harness::Run run = good_run();
    for (harness::Trial& trial : run.trials)
        trial.lost_writes.reset();
    EXPECT_FALSE(no_lost_writes(run));
    EXPECT_TRUE(no_stale_reads(run));
}

TEST(GtestFace, NeedsReadsToSayThatNoneWasStale) {
    harness::Run run = good_run();
    for (harness::Trial& trial : run.trials)
        trial.stale_reads.reset();
    EXPECT_NE(said(no_stale_reads(run)).find("no trial checked its reads"), std::string::npos);
    EXPECT_TRUE(no_lost_writes(run));
}

TEST(RunFromCode, SaysEveryMistakeOfAScenario) {
    const harness::Run run = run_scenario(Scenario("x").fault("process.crush", "kv").at(1s));
    EXPECT_NE(run.error.find("did you mean \"process.crash\"?"), std::string::npos) << run.error;
    EXPECT_NE(run_scenario("/no/such/file.json").error.find("no/such/file.json"),
              std::string::npos);
}

Scenario sleeper() {
    return Scenario("sleeper").target("a", {"sleep", "60"}).fault("process.crash", "a").at(1s);
}

TEST(RunFromCode, SaysWhereTheProgramShouldBe) {
    Options options;
    options.program = "/no/such/faultline";
    EXPECT_NE(run_scenario(sleeper(), options).error.find("FAULTLINE_PROGRAM"), std::string::npos);
}

TEST(RunFromCode, RefusesToForkBesideOtherThreads) {
    Options options;
    options.where = harness::Where::this_process;
    std::jthread other([](const std::stop_token& stop) {
        while (!stop.stop_requested())
            std::this_thread::yield();
    });
    const std::string error = run_scenario(sleeper(), options).error;
    EXPECT_NE(error.find("2 threads"), std::string::npos) << error;
}

}  // namespace
}  // namespace faultline::testing
