// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/live_figures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

TrialRecord measured_trial(int number, Duration detection, std::optional<Duration> recovery) {
    TrialRecord trial;
    trial.trial = number;
    InjectionRecord record;
    record.injection.id = "fault-1";
    record.measures.detection_time = detection;
    record.measures.recovery_time = recovery;
    record.measures.censored = !recovery;
    record.measures.success_rate = 0.75;
    trial.injections = {record};
    return trial;
}

TEST(LiveFigures, CountTrialsByOutcomeAndSortTheirSpansIntoBuckets) {
    LiveFigures figures("pair", {{"rate", "5/s"}}, "ab12cd");
    figures.trial_done(measured_trial(1, 30ms, 150ms), 1, 3);
    figures.trial_done(measured_trial(2, 60ms, std::nullopt), 2, 3);
    TrialRecord unhealthy;
    unhealthy.trial = 3;
    unhealthy.outcome = TrialOutcome::unhealthy;
    const std::string common = "{scenario=\"pair\",parameters=\"rate=5/s\"";
    std::string text = figures.text();
    for (const std::string& line : {
             "faultline_run_info" + common + ",run=\"ab12cd\"",
             "faultline_trials_asked" + common + "} 3\n",
             "faultline_trials_done_total" + common + ",outcome=\"pass\"} 2\n",
             "faultline_trial_detection_time_seconds_bucket" + common +
                 ",injection=\"fault-1\",le=\"0.02\"} 0\n",
             "faultline_trial_detection_time_seconds_bucket" + common +
                 ",injection=\"fault-1\",le=\"0.05\"} 1\n",
             "faultline_trial_detection_time_seconds_bucket" + common +
                 ",injection=\"fault-1\",le=\"+Inf\"} 2\n",
             "faultline_trial_detection_time_seconds_sum" + common +
                 ",injection=\"fault-1\"} 0.09\n",
             "faultline_trial_recovery_time_seconds_count" + common + ",injection=\"fault-1\"} 1\n",
             "faultline_trials_not_recovered_total" + common + ",injection=\"fault-1\"} 1\n",
             "faultline_last_trial" + common + "} 2\n",
             "faultline_last_detection_time_seconds" + common + ",injection=\"fault-1\"} 0.06\n",
         })
        EXPECT_THAT(text, HasSubstr(line));
    EXPECT_THAT(text, Not(HasSubstr("faultline_last_recovery_time_seconds{")));
    figures.trial_done(unhealthy, 3, 3);
    text = figures.text();
    EXPECT_THAT(text, HasSubstr(",outcome=\"unhealthy\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("faultline_last_detection_time_seconds{")));
    EXPECT_TRUE(text.ends_with("# EOF\n"));
}

TEST(LiveFigures, ShowWhatEachTrialUnderWayIsDoing) {
    LiveFigures figures("pair", {}, "ab12cd");
    figures.progress({.trial = 1, .phase = TrialPhase::observe, .recent_success = 0.25});
    figures.progress({.trial = 2, .phase = TrialPhase::launch});
    std::string text = figures.text();
    EXPECT_THAT(text, HasSubstr("trial=\"1\",faultline_trial_phase=\"observing\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("trial=\"1\",faultline_trial_phase=\"starting\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("trial=\"2\",faultline_trial_phase=\"starting\"} 1\n"));
    EXPECT_THAT(text,
                HasSubstr("faultline_recent_success_ratio{scenario=\"pair\",trial=\"1\"} 0.25"));
    figures.trial_done(measured_trial(1, 1ms, 2ms), 1, 2);
    EXPECT_THAT(figures.text(), Not(HasSubstr("{scenario=\"pair\",trial=\"1\"")));
}

}  // namespace
}  // namespace faultline::cli
