// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <faultline/gtest.hpp>

using namespace std::chrono_literals;
using faultline::testing::Fields;
using faultline::testing::run_scenario;
using faultline::testing::Scenario;

// The example's server is the metronome, which is installed with Faultline.

TEST(Pair, SurvivesTheCrashOfThePrimary) {
    const auto run = run_scenario(SCENARIOS_FOLDER "/metronome/pair-crash.json",
                                  {.trials = 2, .control = 0, .seed = 7});
    ASSERT_MEASURED(run);
    EXPECT_DETECTED_WITHIN(run, 5s);
    EXPECT_RECOVERED_WITHIN(run, 5s);
    EXPECT_NO_LOST_WRITES(run);
    EXPECT_EQ(run.trials.size(), 2U);
    EXPECT_EQ(run.seed, 7U);
}

Scenario hang() {
    return Scenario("hang")
        .target("metronome",
                {"${bin}/metronome", "--port", "${port.client}"},
                {{"ready", Fields{{"probe", "redis.ping"}, {"period", 5ms}}}})
        .load("redis", "metronome", {{"rate", "500/s"}, {"timeout", 100ms}})
        .steady_state(0.99, 100ms)
        .recovery(0.99, 100ms, 5s)
        .field("success_window", 500ms)
        .fault("process.hang", "metronome")
        .at(50ms)
        .lasting(100ms)
        .expect("recovered >= 100%")
        .trials(1);
}

TEST(Server, AnswersAgainAfterAHang) {
    const auto run = run_scenario(hang());
    EXPECT_RECOVERED(run);
    EXPECT_SUCCESS_RATE_AT_LEAST(run, 0.1);
    EXPECT_EXPECTATIONS(run);
}

TEST(Server, IsMeasuredInThisProcessToo) {
    faultline::testing::Options options;
    options.where = faultline::harness::Where::this_process;
    const auto run = run_scenario(hang(), options);
    EXPECT_RECOVERED(run);
}
