// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/comparison.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/random.hpp"
#include "tests/unit/judge/trials.hpp"

namespace faultline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// n trials whose times spread by a tenth around `median_ms`.
RunStory spread_run(std::uint64_t seed, int n, double median_ms, double spread = 0.1) {
    RunStory story;
    Random random(seed);
    for (int trial = 0; trial < n; ++trial)
        story.recovered(duration_of_seconds(median_ms / 1e3 * std::exp(spread * random.normal())));
    return story;
}

RunStory steady_run(int n, Duration recovery) {
    RunStory story;
    for (int trial = 0; trial < n; ++trial)
        story.recovered(recovery);
    return story;
}

RunComparison compared(const RunStory& base,
                       const RunStory& head,
                       ComparisonOptions options = {.measures = {"recovery_time"}}) {
    return compare_trials(head.scenario, base.trials, head.trials, options);
}

const MeasureComparison& row_of(const RunComparison& comparison, const std::string& name) {
    const auto found = std::ranges::find(comparison.measures, name, &MeasureComparison::name);
    FL_CHECK(found != comparison.measures.end());
    return *found;
}

std::vector<std::string> names_of(const RunComparison& comparison) {
    std::vector<std::string> names;
    for (const MeasureComparison& measure : comparison.measures)
        names.push_back(measure.name);
    return names;
}

TEST(Comparison, FindsASlowerRecovery) {
    const RunComparison comparison = compared(spread_run(1, 20, 100), spread_run(2, 20, 130));
    const MeasureComparison& recovery = comparison.measures.at(0);
    EXPECT_EQ(comparison.change, Change::worse);
    EXPECT_EQ(recovery.change, Change::worse);
    EXPECT_NEAR(*recovery.relative_shift, 0.3, 0.1);
    EXPECT_GT(recovery.relative_interval.low, 0);
    EXPECT_LT(recovery.p_worse, 0.001);
    EXPECT_THAT(recovery.explanation, testing::MatchesRegex("recovery takes .* % longer \\[.*\\]"));
    EXPECT_EQ(comparison.reason, recovery.explanation);
    EXPECT_EQ(outcome_of(comparison.change), RunOutcome::fail);
}

TEST(Comparison, CallsAnImprovementBetter) {
    const RunComparison comparison = compared(spread_run(2, 20, 130), spread_run(1, 20, 100));
    EXPECT_EQ(comparison.change, Change::better);
    EXPECT_THAT(comparison.reason, HasSubstr("% shorter ["));
    EXPECT_EQ(outcome_of(comparison.change), RunOutcome::pass);
}

TEST(Comparison, CallsEqualRunsTheSameOnceThereAreEnough) {
    const RunComparison many = compared(spread_run(1, 40, 100), spread_run(2, 40, 100));
    EXPECT_EQ(many.change, Change::same);
    EXPECT_EQ(many.reason, "no measure changed by as much as 10 %");
    const RunComparison few = compared(spread_run(1, 8, 100), spread_run(2, 8, 100));
    EXPECT_EQ(few.change, Change::inconclusive);
    ASSERT_TRUE(few.measures[0].trials_needed);
    EXPECT_GT(*few.measures[0].trials_needed, 8U);
    EXPECT_LT(*few.measures[0].trials_needed, 80U);
    EXPECT_THAT(few.measures[0].explanation, testing::StartsWith("cannot tell: recovery takes "));
    EXPECT_THAT(few.reason, HasSubstr("trials a side would tell"));
}

TEST(Comparison, CountsOnlyWhatCounts) {
    // Surely 4 % slower: no change by the rule, and one by a stricter rule.
    const RunStory base = spread_run(1, 100, 100, 0.02), head = spread_run(2, 100, 104, 0.02);
    EXPECT_EQ(compared(base, head).change, Change::same);
    EXPECT_LT(compared(base, head).measures[0].p, 0.001);
    EXPECT_EQ(compared(base, head, {.effect = 0.02, .measures = {"recovery_time"}}).change,
              Change::worse);
}

TEST(Comparison, DoesNotCountWhatTheInstrumentCannotTell) {
    const RunStory base = spread_run(1, 30, 1, 0.02), head = spread_run(2, 30, 1.3, 0.02);
    EXPECT_EQ(compared(base, head).change, Change::worse);
    EXPECT_EQ(compared(base, head, {.measures = {"recovery_time"}, .recovery_error = 1.1e6}).change,
              Change::same);
    EXPECT_EQ(
        compared(base, head, {.measures = {"recovery_time"}, .detection_error = 1.1e6}).change,
        Change::worse);
}

TEST(Comparison, HandlesFiguresWithoutAnySpread) {
    EXPECT_EQ(compared(steady_run(5, 100ms), steady_run(5, 100ms)).change, Change::same);
    EXPECT_EQ(compared(steady_run(5, 100ms), steady_run(5, 100ms)).measures[0].explanation,
              "recovery takes exactly as long");
    EXPECT_EQ(compared(steady_run(5, 100ms), steady_run(5, 120ms)).change, Change::worse);
    EXPECT_EQ(compared(steady_run(5, 120ms), steady_run(5, 100ms)).change, Change::better);
    EXPECT_EQ(compared(steady_run(5, 100ms), steady_run(5, 105ms)).change, Change::same);
}

TEST(Comparison, ClaimsNothingOfASingleTrial) {
    const RunComparison comparison = compared(steady_run(1, 100ms), steady_run(1, 900ms));
    EXPECT_EQ(comparison.change, Change::inconclusive);
    EXPECT_EQ(comparison.measures[0].trials_needed, 4U);
    EXPECT_EQ(compared(steady_run(3, 100ms), steady_run(3, 900ms)).change, Change::inconclusive);
    EXPECT_EQ(compared(steady_run(4, 100ms), steady_run(4, 900ms)).change, Change::worse);
}

TEST(Comparison, TakesMaskedTrialsAsTimesOfZero) {
    // Half the trials were masked: no ratio, so the shift is seen beside the quicker median.
    RunStory base = steady_run(8, 100ms), head = steady_run(8, 100ms);
    for (int i = 0; i < 6; ++i) {
        base.recovered(0ms);
        head.recovered(0ms);
    }
    EXPECT_EQ(compared(base, base).measures[0].base_value, 100e6);
    EXPECT_NE(compared(base, head).change, Change::worse);
    const RunComparison unmasked = compared(steady_run(10, 0ms), steady_run(10, 100ms));
    EXPECT_EQ(unmasked.change, Change::worse) << "any time is more than none";
    EXPECT_FALSE(unmasked.measures[0].relative_shift);
    EXPECT_EQ(unmasked.reason, "recovery takes 100 ms longer [100 ms, 100 ms]");
    EXPECT_EQ(compared(steady_run(10, 100ms), steady_run(10, 0ms)).change, Change::better);
    EXPECT_EQ(compared(steady_run(10, 0ms), steady_run(10, 0ms)).change, Change::same);
}

TEST(Comparison, TakesCensoredTrialsAsTheLongest) {
    RunStory base = spread_run(1, 20, 100), head = spread_run(2, 5, 100);
    for (int i = 0; i < 15; ++i)
        head.never_recovered();
    const RunComparison comparison = compared(base, head);
    EXPECT_EQ(comparison.change, Change::worse);
    EXPECT_EQ(comparison.measures[0].head_censored, 15U);
    EXPECT_FALSE(comparison.measures[0].head_value) << "it lies among the censored";
    EXPECT_THAT(comparison.reason, HasSubstr("did not come in 15 of 20 trials of the head"));
    EXPECT_EQ(compared(head, base).change, Change::better);
}

TEST(Comparison, ClaimsNothingWhereNothingEverRecovered) {
    RunStory base, head;
    for (int i = 0; i < 20; ++i) {
        base.never_recovered();
        head.never_recovered();
    }
    const RunComparison comparison = compared(base, head);
    EXPECT_EQ(comparison.change, Change::inconclusive);
    EXPECT_THAT(comparison.measures[0].explanation, HasSubstr("wait longer"));
}

TEST(Comparison, TakesTrialsGivenUpEarlyWhereTheySpeakAgainstTheClaim) {
    // Ten of the head's trials were given up after 10 ms; they may have recovered at once after.
    RunStory base = spread_run(1, 20, 100), head = spread_run(2, 10, 130);
    EXPECT_EQ(compared(base, spread_run(2, 20, 130)).change, Change::worse);
    for (int i = 0; i < 10; ++i)
        head.never_recovered(10ms);
    EXPECT_EQ(compared(base, head).change, Change::inconclusive);
}

TEST(Comparison, JudgesTheSuccessRateInPoints) {
    RunStory base = steady_run(20, 100ms), head = steady_run(20, 100ms);
    for (std::size_t i = 0; i < 20; ++i) {
        base.trials[i].injections[0].success_rate = 0.95 + 0.001 * static_cast<double>(i % 5);
        head.trials[i].injections[0].success_rate = 0.80 + 0.001 * static_cast<double>(i % 7);
    }
    const ComparisonOptions options{.measures = {"success_rate"}};
    EXPECT_EQ(compared(base, head, options).change, Change::worse);
    EXPECT_THAT(compared(base, head, options).reason, HasSubstr("points lower ["));
    EXPECT_EQ(compared(head, base, options).change, Change::better);
    EXPECT_EQ(compared(base, base, options).change, Change::same);
    EXPECT_EQ(compared(base, head, {.effect = 0.2, .measures = {"success_rate"}}).change,
              Change::same);
}

TEST(Comparison, SeesAFewVeryBadTrialsInTheMeanOfTheSuccessRate) {
    RunStory base = steady_run(60, 100ms), head = steady_run(60, 100ms);
    for (std::size_t i = 0; i < 60; ++i) {
        base.trials[i].injections[0].success_rate = 1.0;
        head.trials[i].injections[0].success_rate = i < 12 ? 0.0 : 1.0;
    }
    const RunComparison comparison = compared(base, head, {.measures = {"success_rate"}});
    EXPECT_EQ(comparison.change, Change::worse) << "the middle has not moved";
    EXPECT_THAT(comparison.reason, HasSubstr("its mean 20 points lower"));
    // Too few of them to be sure, too many to be called the same.
    RunStory doubtful = steady_run(20, 100ms);
    for (std::size_t i = 0; i < 20; ++i)
        doubtful.trials[i].injections[0].success_rate = i < 3 ? 0.0 : 1.0;
    for (std::size_t i = 20; i < 60; ++i)
        base.trials.pop_back();
    EXPECT_EQ(compared(base, doubtful, {.measures = {"success_rate"}}).change,
              Change::inconclusive);
}

TEST(Comparison, LosesNoWriteUnseen) {
    RunStory base = steady_run(20, 100ms), head = steady_run(20, 100ms);
    for (std::size_t i = 0; i < 20; ++i)
        base.trials[i].lost_writes = head.trials[i].lost_writes = 0;
    const ComparisonOptions options{.measures = {"lost_writes"}};
    EXPECT_EQ(compared(base, head, options).change, Change::same);
    EXPECT_EQ(compared(base, head, options).reason, "no measure changed by as much as 10 %");
    head.trials[3].lost_writes = 2;
    const RunComparison lost = compared(base, head, options);
    EXPECT_EQ(lost.change, Change::worse) << "one trial of twenty is one too many";
    EXPECT_EQ(lost.reason, "writes were lost: 2 in 1 of 20 trials, in the base none in 20 trials");
    EXPECT_EQ(compared(head, base, options).change, Change::inconclusive)
        << "that it did not happen this time is no proof";
    RunStory unchecked = steady_run(20, 100ms);
    EXPECT_EQ(compared(unchecked, head, options).change, Change::inconclusive);
}

TEST(Comparison, ComparesLossesOfBothByRanks) {
    RunStory base = steady_run(20, 100ms), head = steady_run(20, 100ms);
    for (std::size_t i = 0; i < 20; ++i) {
        base.trials[i].lost_writes = i % 3;
        head.trials[i].lost_writes = 5 + i % 3;
    }
    const ComparisonOptions options{.measures = {"lost_writes"}};
    EXPECT_EQ(compared(base, head, options).change, Change::worse);
    EXPECT_EQ(compared(head, base, options).change, Change::better);
    EXPECT_EQ(compared(base, base, options).change, Change::inconclusive);
}

TEST(Comparison, TakesStaleReadsForARateAndNotForAPromise) {
    RunStory base = steady_run(20, 100ms), head = steady_run(20, 100ms);
    for (std::size_t i = 0; i < 20; ++i)
        base.trials[i].stale_reads = head.trials[i].stale_reads = 0;
    EXPECT_THAT(names_of(compared(base, head, {})), testing::Not(testing::Contains("stale_reads")));
    head.trials[3].stale_reads = 2;
    EXPECT_EQ(row_of(compared(base, head, {}), "stale_reads").change, Change::inconclusive);
    for (TrialMeasured& trial : head.trials)
        trial.stale_reads = 30;
    const RunComparison comparison = compared(base, head, {.measures = {"stale_reads"}});
    EXPECT_EQ(comparison.change, Change::worse);
    EXPECT_THAT(comparison.reason, HasSubstr("reads were stale: 600 in 20 of 20 trials"));
}

TEST(Comparison, JudgesProportions) {
    RunStory base = steady_run(30, 100ms), head = steady_run(15, 100ms);
    for (int i = 0; i < 15; ++i)
        head.never_recovered();
    const ComparisonOptions options{.measures = {"recovered"}};
    const RunComparison comparison = compared(base, head, options);
    EXPECT_EQ(comparison.change, Change::worse);
    EXPECT_THAT(comparison.reason,
                HasSubstr("recovered in 15 of 30 trials, in the base in 30 of 30 trials: 50 points "
                          "less ["));
    EXPECT_EQ(compared(head, base, options).change, Change::better);
    // Without a failure in either, twenty trials do not rule ten points out; 35 do.
    const RunComparison few = compared(steady_run(20, 1s), steady_run(20, 1s), options);
    EXPECT_EQ(few.change, Change::inconclusive);
    EXPECT_EQ(few.measures[0].trials_needed, 35U);
    EXPECT_EQ(compared(steady_run(35, 1s), steady_run(35, 1s), options).change, Change::same);
}

TEST(Comparison, ShowsTheThreeNumbersFirstAndNothingIdle) {
    RunStory story = steady_run(20, 100ms);
    for (TrialMeasured& trial : story.trials)
        trial.lost_writes = 0;
    EXPECT_THAT(
        names_of(compared(story, story, {})),
        ElementsAre("detection_time", "recovery_time", "success_rate", "downtime", "lost_writes"));
    RunStory broken = story;
    broken.never_recovered().injections[0].detection_time = 100ms;
    broken.trials[0].false_detections = 1;
    EXPECT_THAT(names_of(compared(story, broken, {})),
                ElementsAre("detection_time",
                            "recovery_time",
                            "success_rate",
                            "downtime",
                            "recovered",
                            "lost_writes",
                            "false_detections"));
}

TEST(Comparison, NamesMeasuresOfFurtherInjections) {
    RunStory story = steady_run(20, 100ms);
    story.scenario.faults.push_back({.id = "second", .named = true, .kind = "process.hang"});
    for (TrialMeasured& trial : story.trials) {
        trial.injection_ids.push_back("second");
        trial.injections.push_back(trial.injections[0]);
    }
    const RunComparison all = compared(story, story, {});
    EXPECT_EQ(row_of(all, "second.recovery_time").change, Change::same);
    EXPECT_THAT(row_of(all, "second.recovery_time").explanation, testing::StartsWith("second: "));
    EXPECT_THAT(names_of(compared(story, story, {.measures = {"second.detection_time"}})),
                ElementsAre("second.detection_time"));
    const auto known = comparable_measures(story.scenario);
    EXPECT_THAT(known, testing::IsSupersetOf({"recovery_time", "second.masked", "lost_writes"}));
}

TEST(Comparison, LeavesOutWhatDoesNotCount) {
    RunStory base = steady_run(20, 100ms), head = steady_run(20, 100ms);
    for (int i = 0; i < 20; ++i) {
        head.recovered(9s).disturbed = true;
        head.ended(TrialOutcome::unhealthy);
    }
    EXPECT_EQ(compared(base, head).change, Change::same);
    EXPECT_EQ(compared(base, head).measures[0].head_n, 20U);
    const RunComparison nothing = compared(base, RunStory{}, {});
    EXPECT_EQ(nothing.change, Change::inconclusive);
    EXPECT_EQ(nothing.reason, "the two runs have no measure in common");
    EXPECT_THAT(compared(base, RunStory{}).measures.at(0).explanation,
                HasSubstr("not measured in the head"));
}

TEST(Comparison, AdjustsOverAllMeasures) {
    const RunStory base = spread_run(1, 12, 100), head = spread_run(5, 12, 112);
    const RunComparison alone = compared(base, head);
    const RunComparison among = compared(base, head, {});
    const double p = alone.measures[0].p_worse;
    // detection time and success rate are all equal and count as no tests; downtime is one.
    EXPECT_NEAR(row_of(among, "recovery_time").p_worse, 2 * p, 1e-12);
    EXPECT_NEAR(row_of(among, "downtime").p_worse, 2 * p, 1e-12);
    EXPECT_EQ(row_of(among, "detection_time").p, 1);
}

TEST(Comparison, TurnsRoundWhenSidesAreSwapped) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        RunStory base = spread_run(seed, 12, 100, 0.15);
        RunStory head = spread_run(seed + 100, 15, 90 + 3 * static_cast<double>(seed), 0.15);
        if (seed % 3 == 0) head.never_recovered();
        if (seed % 5 == 0) base.recovered(0ms);
        const RunComparison there = compared(base, head, {}), back = compared(head, base, {});
        ASSERT_EQ(names_of(there), names_of(back));
        for (std::size_t i = 0; i < there.measures.size(); ++i) {
            const Change change = there.measures[i].change;
            const Change mirrored = change == Change::worse    ? Change::better
                                    : change == Change::better ? Change::worse
                                                               : change;
            EXPECT_EQ(back.measures[i].change, mirrored) << seed << " " << there.measures[i].name;
            EXPECT_NEAR(there.measures[i].p_worse, back.measures[i].p_better, 1e-9);
            EXPECT_EQ(there.measures[i].trials_needed, back.measures[i].trials_needed);
        }
    }
}

TEST(Comparison, DoesNotDependOnTheOrderOfTrials) {
    RunStory base = spread_run(1, 15, 100), head = spread_run(2, 15, 115);
    const RunComparison before = compared(base, head, {});
    std::ranges::reverse(base.trials);
    std::ranges::rotate(head.trials, head.trials.begin() + 7);
    const RunComparison after = compared(base, head, {});
    for (std::size_t i = 0; i < before.measures.size(); ++i) {
        EXPECT_EQ(before.measures[i].p, after.measures[i].p);
        EXPECT_EQ(before.measures[i].shift, after.measures[i].shift);
        EXPECT_EQ(before.measures[i].explanation, after.measures[i].explanation);
    }
}

/// How often `head_ms` against 100 ms is called what, each trial with measures of its own.
std::map<Change, int> changes_of(int rounds, int trials, double head_ms) {
    std::map<Change, int> changes;
    Random random(20261122);
    const auto draw = [&](double median_ms) {
        RunStory story;
        for (int i = 0; i < trials; ++i) {
            TrialMeasured& trial = story.recovered(
                duration_of_seconds(median_ms / 1e3 * std::exp(0.1 * random.normal())));
            trial.injections[0].detection_time =
                duration_of_seconds(0.05 * std::exp(0.1 * random.normal()));
            trial.injections[0].success_rate = std::min(1.0, 0.95 + 0.03 * random.normal());
            trial.injections[0].downtime = duration_of_seconds(random.exponential(0.1));
        }
        return story;
    };
    for (int round = 0; round < rounds; ++round) {
        const RunStory base = draw(100), head = draw(head_ms);
        ++changes[compared(base, head, {.effect = 0.01}).change];
    }
    return changes;
}

TEST(Comparison, RaisesFalseAlarmsNoMoreOftenThanItSays) {
    // Four measures that do not differ, with an effect so small that significance alone decides.
    constexpr int rounds = 2000;
    const auto changes = changes_of(rounds, 10, 100);
    const int worse = changes.contains(Change::worse) ? changes.at(Change::worse) : 0;
    RecordProperty("worse", worse);
    EXPECT_LE(worse, rounds * 0.05);
    EXPECT_GE(worse, rounds * 0.005) << "so cautious that nothing would be found either";
}

TEST(Comparison, CallsAChangeThatCountsTheSameNoMoreOftenThanItSays) {
    constexpr int rounds = 400;
    int same = 0;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const auto change =
            compared(spread_run(2 * round, 16, 100, 0.06), spread_run(2 * round + 1, 16, 110, 0.06))
                .change;
        same += change == Change::same ? 1 : 0;
    }
    // 2.5 % and what chance adds to 400 rounds.
    EXPECT_LE(same, rounds * 0.05);
}

TEST(Comparison, FindsWhatIsThere) {
    // One and a half standard deviations at twelve trials a side: a t-test of one measure alone has
    // a power of 95 %, ranks and the adjustment over four cost a little.
    constexpr int rounds = 200;
    auto changes = changes_of(rounds, 12, 115);
    RecordProperty("worse", changes[Change::worse]);
    EXPECT_GE(changes[Change::worse], rounds * 0.75);
}

}  // namespace
}  // namespace faultline
