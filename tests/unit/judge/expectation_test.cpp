// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/judge/trials.hpp"

namespace faultline {
namespace {

using ::testing::HasSubstr;

constexpr Comparison at_most = Comparison::less_equal;
constexpr Comparison at_least = Comparison::greater_equal;

Verdict of_ten(Comparison comparison, Duration value) {
    RunStory run;
    return run.seconds_up_to(10).expect(recovery_quantile(0.5, comparison, value)).first().verdict;
}

TEST(ExpectationWithoutConfidence, ComparesThePoint) {
    EXPECT_EQ(of_ten(Comparison::less_equal, 5s), Verdict::pass);
    EXPECT_EQ(of_ten(Comparison::less_equal, 5s - 1ns), Verdict::fail);
    EXPECT_EQ(of_ten(Comparison::less, 5s), Verdict::fail);
    EXPECT_EQ(of_ten(Comparison::less, 5s + 1ns), Verdict::pass);
    EXPECT_EQ(of_ten(Comparison::greater_equal, 5s), Verdict::pass);
    EXPECT_EQ(of_ten(Comparison::greater, 5s), Verdict::fail);
    EXPECT_EQ(of_ten(Comparison::equal, 5s), Verdict::pass);
    EXPECT_EQ(of_ten(Comparison::not_equal, 5s), Verdict::fail);
}

TEST(ExpectationWithoutConfidence, GivesThePointAndItsInterval) {
    RunStory run;
    const auto result = run.seconds_up_to(10).expect(recovery_quantile(0.5, at_most, 9s)).first();
    EXPECT_EQ(result.value, 5e9);
    EXPECT_EQ(result.interval.low, 2e9);
    EXPECT_EQ(result.interval.high, 9e9);
    EXPECT_THAT(result.explanation, HasSubstr("recovery_time.p50 is 5.00 s over 10 trials"));
}

ExpectationResult with_half_censored(double q, Comparison comparison, Duration value) {
    RunStory run;
    run.seconds_up_to(5);
    for (int i = 0; i < 5; ++i)
        run.never_recovered(30s);
    return run.expect(recovery_quantile(q, comparison, value)).first();
}

TEST(ExpectationWithoutConfidence, KnowsThatCensoredTrialsExceedWhatWasObserved) {
    EXPECT_EQ(with_half_censored(0.5, at_most, 5s).verdict, Verdict::pass);
    EXPECT_EQ(with_half_censored(0.95, at_most, 5s).verdict, Verdict::fail);
    EXPECT_EQ(with_half_censored(0.95, at_most, 30s).verdict, Verdict::fail);
    EXPECT_EQ(with_half_censored(0.95, at_most, 31s).verdict, Verdict::inconclusive);
    EXPECT_EQ(with_half_censored(0.95, at_least, 30s).verdict, Verdict::pass);
    EXPECT_EQ(with_half_censored(0.95, at_least, 31s).verdict, Verdict::inconclusive);
    EXPECT_FALSE(with_half_censored(0.95, at_most, 5s).value);
}

TEST(ExpectationWithoutConfidence, IsInconclusiveWhereNothingWasMeasured) {
    RunStory run;
    run.recovered(1s);
    Expectation redundancy = recovery_quantile(0.5, at_most, 1s);
    redundancy.metric = "redundancy_time";
    const auto result = run.expect(redundancy).first();
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    EXPECT_THAT(result.explanation, HasSubstr("measured in no trial"));
}

TEST(ExpectationWithoutConfidence, SpeaksOfTheInjectionItNames) {
    RunStory run;
    run.scenario.faults.push_back({.id = "second", .kind = "process.hang"});
    TrialMeasured& trial = run.recovered(1s);
    trial.injection_ids.push_back("second");
    trial.injections.push_back(trial.injections[0]);
    trial.injections[1].recovery_time = 7s;
    Expectation second = recovery_quantile(0.5, at_least, 7s);
    second.injection = "second";
    EXPECT_EQ(run.expect(second).first().verdict, Verdict::pass);
}

TEST(ExpectationWithoutConfidence, TakesMinMeanAndMax) {
    RunStory run;
    run.seconds_up_to(4);
    const auto value_of = [&](const std::string& stat) {
        run.scenario.expectations = {recovery_quantile(0.0, at_most, 1s)};
        run.scenario.expectations[0].stat = stat;
        return run.first().value;
    };
    EXPECT_EQ(value_of("min"), 1e9);
    EXPECT_EQ(value_of("mean"), 2.5e9);
    EXPECT_EQ(value_of("max"), 4e9);
}

TEST(ExpectationWithConfidence, NeedsFiftyNineTrialsForTheNinetyFifthPercentile) {
    RunStory run;
    run.seconds_up_to(58).expect(recovery_quantile(0.95, at_most, 100s, 0.95));
    const auto few = run.first();
    EXPECT_EQ(few.verdict, Verdict::inconclusive);
    EXPECT_EQ(few.trials_needed, 59U);
    EXPECT_THAT(few.explanation, HasSubstr("58 of 58 trials keep the bound"));
    EXPECT_THAT(few.explanation, HasSubstr("needs at least 59 trials"));
    run.recovered(59s);
    EXPECT_EQ(run.first().verdict, Verdict::pass);
    EXPECT_FALSE(run.first().trials_needed);
}

TEST(ExpectationWithConfidence, FailsOnlyWhenTheLowerBoundIsBeyond) {
    RunStory run;
    run.seconds_up_to(100).expect(recovery_quantile(0.5, at_most, 49s, 0.95));
    const auto undecided = run.first();
    EXPECT_EQ(undecided.verdict, Verdict::inconclusive) << "the point is broken, but not for sure";
    ASSERT_TRUE(undecided.trials_needed);
    EXPECT_GT(*undecided.trials_needed, 100U);
    run.scenario.expectations[0].value = 30e9;
    EXPECT_EQ(run.first().verdict, Verdict::fail);
    run.scenario.expectations[0].value = 70e9;
    EXPECT_EQ(run.first().verdict, Verdict::pass);
}

TEST(ExpectationWithConfidence, DecidesWithTheTrialsItAskedFor) {
    RunStory run;
    for (int i = 0; i < 58; ++i)
        run.recovered(1s);
    run.recovered(9s);
    run.expect(recovery_quantile(0.95, at_most, 5s, 0.95));
    const auto needed = run.first().trials_needed;
    ASSERT_TRUE(needed);
    run.trials.clear();
    for (std::size_t i = 0; i < *needed; ++i)
        run.recovered(i % 59 == 0 ? 9s : 1s);
    EXPECT_EQ(run.first().verdict, Verdict::pass);
}

TEST(ExpectationWithConfidence, HoldsForGreaterOnesTheOtherWayRound) {
    RunStory run;
    run.seconds_up_to(100).expect(recovery_quantile(0.5, at_least, 30s, 0.95));
    EXPECT_EQ(run.first().verdict, Verdict::pass);
    run.scenario.expectations[0].value = 51e9;
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    run.scenario.expectations[0].value = 70e9;
    EXPECT_EQ(run.first().verdict, Verdict::fail);
}

TEST(ExpectationWithConfidence, TellsStrictFromInclusiveAtTheBound) {
    RunStory run;
    for (int i = 0; i < 59; ++i)
        run.recovered(2s);
    run.expect(recovery_quantile(0.95, Comparison::less_equal, 2s, 0.95));
    EXPECT_EQ(run.first().verdict, Verdict::pass);
    run.scenario.expectations[0].comparison = Comparison::less;
    EXPECT_EQ(run.first().verdict, Verdict::fail) << "the lower bound is 2 s too";
}

TEST(ExpectationWithConfidence, TakesACensoredTrialForOneAboveTheBound) {
    RunStory run;
    run.seconds_up_to(58);
    run.never_recovered();
    run.expect(recovery_quantile(0.95, at_most, 100s, 0.95));
    const auto result = run.first();
    EXPECT_EQ(result.verdict, Verdict::inconclusive);
    ASSERT_TRUE(result.trials_needed);
    EXPECT_GT(*result.trials_needed, 59U);
}

TEST(ExpectationWithConfidence, JudgesProportionsByClopperPearson) {
    RunStory run;
    for (int i = 0; i < 58; ++i)
        run.recovered(1s);
    run.expect(proportion("recovered", at_least, 0.95, 0.95));
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    EXPECT_EQ(run.first().trials_needed, 59U);
    run.recovered(1s);
    EXPECT_EQ(run.first().verdict, Verdict::pass);
    for (int i = 0; i < 20; ++i)
        run.never_recovered();
    EXPECT_EQ(run.first().verdict, Verdict::fail);
}

TEST(ExpectationWithConfidence, JudgesProportionsFromAboveToo) {
    RunStory run;
    for (int i = 0; i < 20; ++i)
        run.recovered(1s);
    run.expect(proportion("masked", at_most, 0.05, 0.95));
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    EXPECT_EQ(run.first().trials_needed, 59U);
    for (int i = 0; i < 39; ++i)
        run.recovered(1s);
    EXPECT_EQ(run.first().verdict, Verdict::pass);
}

TEST(ExpectationWithConfidence, CannotShowThatAllTrialsEverWillRecover) {
    RunStory run;
    run.seconds_up_to(50).expect(proportion("recovered", at_least, 1.0, 0.95));
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    EXPECT_FALSE(run.first().trials_needed);
    EXPECT_THAT(run.first().explanation, HasSubstr("no number of trials"));
    run.never_recovered();
    EXPECT_EQ(run.first().verdict, Verdict::fail) << "one that did not is enough";
}

TEST(ExpectationWithConfidence, CannotBoundAMaximum) {
    RunStory run;
    Expectation maximum = recovery_quantile(0.0, at_most, 50s, 0.95);
    maximum.stat = "max";
    run.seconds_up_to(50).expect(maximum);
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    EXPECT_THAT(run.first().explanation, HasSubstr("p99"));
    run.recovered(51s);
    EXPECT_EQ(run.first().verdict, Verdict::fail);
}

TEST(ExpectationWithConfidence, JudgesTheMeanSuccessRate) {
    RunStory run;
    for (int i = 0; i < 100; ++i)
        run.recovered(1s);  // each 0.9
    Expectation mean{.text = "success_rate.mean >= 80% @ 95%",
                     .metric = "success_rate",
                     .shape = MeasureShape::share,
                     .stat = "mean",
                     .comparison = at_least,
                     .value = 0.8,
                     .confidence = 0.95};
    EXPECT_EQ(run.expect(mean).first().verdict, Verdict::pass);
    run.scenario.expectations[0].value = 0.899;
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    EXPECT_TRUE(run.first().trials_needed);
    run.scenario.expectations[0].value = 0.95;
    EXPECT_EQ(run.first().verdict, Verdict::fail);
}

TEST(ExpectationWithConfidence, NeverDecidesEquality) {
    RunStory run;
    run.seconds_up_to(100).expect(recovery_quantile(0.5, Comparison::equal, 50s, 0.95));
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    run.scenario.expectations[0].comparison = Comparison::not_equal;
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
}

TEST(ExpectationWithConfidence, ComparesCountsAsTheyAre) {
    RunStory run;
    run.recovered(1s).lost_writes = 0;
    run.expect({.text = "lost_writes.total == 0 @ 95%",
                .metric = "lost_writes",
                .shape = MeasureShape::count,
                .stat = "total",
                .comparison = Comparison::equal,
                .value = 0,
                .confidence = 0.95});
    EXPECT_EQ(run.first().verdict, Verdict::pass);
    EXPECT_THAT(run.first().explanation, HasSubstr("a count is compared as it is"));
    run.control().lost_writes = 1;
    EXPECT_EQ(run.first().verdict, Verdict::fail) << "a control trial that loses writes counts too";
}

TEST(ExpectationWithConfidence, SaysBeforeTheFirstTrialHowManyItNeeds) {
    RunStory run;
    run.control();
    run.expect(recovery_quantile(0.95, at_most, 3s, 0.95));
    EXPECT_EQ(run.first().verdict, Verdict::inconclusive);
    EXPECT_EQ(run.first().trials_needed, 59U);
}

TEST(Names, AreTheWordsOfReports) {
    EXPECT_EQ(name_of(Verdict::inconclusive), "inconclusive");
    EXPECT_EQ(name_of(TrialOutcome::harness_error), "harness error");
    EXPECT_EQ(name_of(RunOutcome::ineffective), "ineffective");
    EXPECT_EQ(exit_code_of(RunOutcome::interrupted), 130);
}

}  // namespace
}  // namespace faultline
