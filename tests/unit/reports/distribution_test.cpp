// SPDX-License-Identifier: Apache-2.0
#include "reports/distribution.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/random.hpp"
#include "harness/result/result_directory.hpp"
#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/reports/sample_timeline.hpp"
#include "tests/unit/result/sample_run.hpp"
#include "tests/unit/result/temporary_folder.hpp"

namespace faultline::reports {
namespace {

using ::testing::HasSubstr;

TEST(Distribution, IsTheShareOfTrialsWithinTheTime) {
    const Distribution distribution =
        distribution_of({{.time = 3}, {.time = 1}, {.time = 2}, {.time = 2}});
    EXPECT_DOUBLE_EQ(distribution.at(0.5).share, 0);
    EXPECT_DOUBLE_EQ(distribution.at(1).share, 0.25);
    EXPECT_DOUBLE_EQ(distribution.at(2.5).share, 0.75);
    EXPECT_DOUBLE_EQ(distribution.at(9).share, 1);
    EXPECT_EQ(distribution.steps.size(), 3U);
}

TEST(Distribution, HasTheReachOfMassart) {
    std::vector<Survival> times(200);
    for (std::size_t index = 0; index < times.size(); ++index)
        times[index].time = static_cast<double>(index);
    const Distribution distribution = distribution_of(times);
    EXPECT_NEAR(distribution.reach, std::sqrt(std::log(40.0) / 400), 1e-12);
    EXPECT_NEAR(distribution.at(99).low, 0.5 - distribution.reach, 1e-12);
    EXPECT_NEAR(distribution.at(99).high, 0.5 + distribution.reach, 1e-12);
}

TEST(Distribution, TakesCensoredTimesAsEarlyAndAsLateAsTheyCanBe) {
    const Distribution distribution = distribution_of(
        {{.time = 1}, {.time = 2, .censored = true}, {.time = 3}, {.time = 4, .censored = true}});
    EXPECT_DOUBLE_EQ(distribution.at(1).share, 0.25);
    EXPECT_DOUBLE_EQ(distribution.at(3).share, 1 - 0.75 * 0.5);  // Kaplan and Meier
    EXPECT_DOUBLE_EQ(distribution.at(4).low, std::max(0.0, 0.5 - distribution.reach));
    EXPECT_DOUBLE_EQ(distribution.at(4).high, 1);
}

TEST(Distribution, HoldsTheWholeTruthAsOftenAsItSays) {
    constexpr int experiments = 400, n = 50;
    Random random(7);
    int held = 0;
    for (int experiment = 0; experiment < experiments; ++experiment) {
        std::vector<Survival> times(n);
        for (Survival& each : times)
            each.time = random.uniform();
        const Distribution distribution = distribution_of(times);
        bool inside = true;
        double before_low = 0, before_high = distribution.reach;
        for (const auto& step : distribution.steps) {
            // Just before the step and on it; the truth is the time itself.
            inside = inside && before_low <= step.time && step.time <= before_high &&
                     step.low <= step.time && step.time <= step.high;
            before_low = step.low;
            before_high = step.high;
        }
        held += inside ? 1 : 0;
    }
    EXPECT_GE(held, 0.93 * experiments);
}

TEST(Distribution, OfNothingIsEverything) {
    const Distribution distribution = distribution_of({});
    EXPECT_EQ(distribution.n, 0U);
    EXPECT_DOUBLE_EQ(distribution.at(1).low, 0);
    EXPECT_DOUBLE_EQ(distribution.at(1).high, 1);
}

TEST(Distribution, LeavesOutWhatDoesNotCount) {
    const RunRecord run = sample_failed_run();
    const std::string id = run.summary->injections.front().id;
    EXPECT_EQ(recovery_times(run, id).size(), run.summary->fault_trials);
    EXPECT_TRUE(recovery_times(run, "no such").empty());
}

TEST(MarkdownCharts, DrawDistributionsWithTheirBands) {
    const std::string text = rendered("markdown", sample_run());
    EXPECT_THAT(text, HasSubstr("## Detection and recovery across trials"));
    EXPECT_THAT(text, HasSubstr("xychart-beta\n    title \"Detection time\"\n"));
    EXPECT_THAT(text, HasSubstr("    y-axis \"trials within it, %\" 0 --> 100\n    line ["));
}

TEST(MarkdownCharts, DrawTheSuccessRateOfTimelinesThatAreThere) {
    const TemporaryFolder folder;
    const RunRecord run = sample_run();
    auto directory = ResultDirectory::create(folder.path() / "run", run);
    ASSERT_TRUE(directory) << directory.error().message;
    for (const TrialRecord& trial : run.trials)
        ASSERT_TRUE(directory->write_timeline(trial.trial, sample_timeline()));
    const std::string text = rendered("markdown", run, {.directory = directory->path()});
    EXPECT_THAT(text, HasSubstr("title \"Success rate around the injection\""));
    EXPECT_THAT(text, HasSubstr("| event kv\\[1\\] | **detected** |"));
    EXPECT_EQ(rendered("markdown", run).find("Success rate around"), std::string::npos);
}

}  // namespace
}  // namespace faultline::reports
