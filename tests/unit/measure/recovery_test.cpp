// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/measure/trial_story.hpp"

namespace faultline {
namespace {

// The window of the stories holds five operations: the first and the four that follow within 40 ms.

TEST(Recovery, IsMaskedWhenNoOperationAfterTheFaultIsBad) {
    const auto measures = TrialStory().say("ooo").inject().say("oooooooooo").first();
    EXPECT_TRUE(measures.masked);
    EXPECT_FALSE(measures.censored);
    EXPECT_EQ(measures.recovery_time, 0ms);
    EXPECT_EQ(measures.downtime, 0ms);
    EXPECT_EQ(measures.success_rate, 1.0);
    EXPECT_FALSE(measures.stages.first_bad);
}

TEST(Recovery, IsTheEndOfTheFirstGoodOperationThatOpensAWholeGoodWindow) {
    // Injected at 25 ms; good again with the operation of 60 ms, which ends at 61 ms.
    const auto measures = TrialStory().say("ooo").inject().say("xxxoooooooo").first();
    EXPECT_FALSE(measures.masked);
    EXPECT_EQ(measures.recovery_time, 36ms);
    EXPECT_EQ(measures.recovery_resolution, 10ms);
    EXPECT_EQ(measures.stages.first_bad, 6ms);
    EXPECT_EQ(measures.stages.serving, 36ms);
    EXPECT_FALSE(measures.relapsed);
}

TEST(Recovery, IgnoresGoodOperationsBeforeTheFirstBadOne) {
    const auto measures = TrialStory().say("ooo").inject().say("ooooooxxoooooo").first();
    EXPECT_FALSE(measures.masked);
    EXPECT_EQ(measures.recovery_time, 110ms + 1ms - 25ms);
}

TEST(Recovery, IgnoresBadOperationsIntendedBeforeTheFault) {
    // The timeout ends after the injection, but was asked before it.
    const auto measures = TrialStory().say("oxt").inject().say("oooooooooo").first();
    EXPECT_TRUE(measures.masked);
}

TEST(Recovery, CountsAnOperationIntendedAtTheVeryInstantOfTheFault) {
    const auto measures =
        TrialStory().say("ooo").inject_at("fault-1", 30ms).say("xoooooooo").first();
    EXPECT_FALSE(measures.masked);
    EXPECT_EQ(measures.recovery_time, 11ms);
}

TEST(Recovery, IsCensoredWhenItNeverComes) {
    TrialStory story;
    story.say("ooo").inject().repeat('x', 400);
    const auto measures = story.first();
    EXPECT_TRUE(measures.censored);
    EXPECT_FALSE(measures.recovery_time);
    EXPECT_EQ(measures.observed_for, 2s);
    EXPECT_EQ(measures.downtime, 4000ms - 0ms);
}

TEST(Recovery, IsCensoredOneWindowBeforeTheLogEnds) {
    // From 25 ms to 330 ms; a recovery in the last window could not have been told.
    const auto measures = TrialStory().say("ooo").inject().repeat('x', 30).first();
    EXPECT_TRUE(measures.censored);
    EXPECT_EQ(measures.observed_for, 330ms - 40ms - 25ms);
}

TEST(Recovery, DoesNotCountAWindowThatTheLogCutsOff) {
    EXPECT_TRUE(TrialStory().say("ooo").inject().say("xxooo").first().censored);
    EXPECT_FALSE(TrialStory().say("ooo").inject().say("xxoooo").first().censored);
}

TEST(Recovery, DoesNotCountAWindowInWhichTheLoadHadStopped) {
    TrialStory story;
    story.say("ooo").inject().say("xxooo__________");
    EXPECT_TRUE(story.first().censored);
}

TEST(Recovery, MustEndWithinTheDeadline) {
    TrialStory story;
    story.say("ooo").inject().say("xxxoooooooo");
    story.scenario.recovery.within = 36ms;
    EXPECT_EQ(story.first().recovery_time, 36ms);
    story.scenario.recovery.within = 36ms - 1ns;
    EXPECT_TRUE(story.first().censored);
    EXPECT_EQ(story.first().observed_for, 36ms - 1ns);
}

TEST(Recovery, IsNotReachedWhileItFlapsInsideTheWindow) {
    const auto measures = TrialStory().say("ooo").inject().say("xooxoooxoooooooooo").first();
    EXPECT_EQ(measures.recovery_time, 110ms + 1ms - 25ms);
    EXPECT_FALSE(measures.relapsed);
}

TEST(Recovery, MarksARelapseAfterTheWindow) {
    const auto measures = TrialStory().say("ooo").inject().say("xxoooooooooxxxxxxxoooooo").first();
    EXPECT_EQ(measures.recovery_time, 50ms + 1ms - 25ms);
    EXPECT_TRUE(measures.relapsed);
}

TEST(Recovery, IsNoRelapseWhenTheConditionAllowsIt) {
    TrialStory story;
    story.scenario.recovery.success_rate = 0.6;
    story.say("ooo").inject().say("xxxooooooooxxoooooooooo");
    EXPECT_FALSE(story.first().relapsed);
    story.scenario.recovery.success_rate = 0.61;
    EXPECT_TRUE(story.first().relapsed);
}

TEST(Recovery, HoldsAtTheExactShare) {
    // o o o x o: four of five.
    TrialStory story;
    story.say("ooo").inject().say("xxoooxoooooxoooooxx");
    story.scenario.recovery.success_rate = 0.8;
    EXPECT_EQ(story.first().recovery_time, 50ms + 1ms - 25ms);
    story.scenario.recovery.success_rate = 0.8 + 1e-6;
    EXPECT_EQ(story.first().recovery_time, 90ms + 1ms - 25ms);
}

TEST(Recovery, TakesSharesThatBinaryCannotWrite) {
    // 0.07 * 100 > 7 in binary.
    TrialStory story;
    story.scenario.recovery = {.success_rate = 0.07, .window = 990ms, .within = 2s};
    story.say("ooo").inject().say("xooooooo").repeat('x', 200);
    EXPECT_EQ(story.first().recovery_time, 40ms + 1ms - 25ms);
}

TEST(Recovery, CountsLateSuccessesAsBad) {
    TrialStory story;
    story.say("ooo").inject().say("ssssoooooooo");
    EXPECT_TRUE(story.first().masked) << "without a bound any success is good";
    story.scenario.recovery.latency = 30ms;
    EXPECT_TRUE(story.first().masked) << "the bound itself is good";
    story.scenario.recovery.latency = 30ms - 1ns;
    EXPECT_EQ(story.first().recovery_time, 70ms + 1ms - 25ms);
    EXPECT_EQ(story.first().stages.first_bad, 35ms);
}

TEST(Recovery, CountsTimeoutsFromTheirEnd) {
    const auto measures = TrialStory().say("ooo").inject().say("ttttoooooooooooooo").first();
    EXPECT_EQ(measures.recovery_time, 70ms + 1ms - 25ms);
    EXPECT_EQ(measures.stages.first_bad, 105ms);
}

TEST(Recovery, WithoutOperationsIsCensored) {
    TrialStory story;
    story.say("___").inject().say("__________");
    const auto measures = story.first();
    EXPECT_FALSE(measures.masked);
    EXPECT_TRUE(measures.censored);
    EXPECT_FALSE(measures.success_rate);
    EXPECT_EQ(story.measure().total, 0U);
    EXPECT_FALSE(story.measure().lag_p99);
}

TEST(Recovery, IsNotMeasuredInAScenarioWithoutLoad) {
    TrialStory story;
    story.say("___").inject().say("__________");
    story.scenario.load.reset();
    EXPECT_FALSE(story.first().censored);
    EXPECT_FALSE(story.first().masked);
    EXPECT_FALSE(story.first().recovery_time);
}

TEST(Recovery, DoesNotBlameTheTargetForWhatTheEndCutOff) {
    TrialStory story;
    story.say("ooo").inject().say("oooooooooo");
    Operation unsent;
    unsent.intended_ns = nanoseconds_of(story.timeline.end - 1ms);
    unsent.outcome = Outcome::failed;
    unsent.failure = Failure::unsent;
    story.timeline.operations.push_back(unsent);
    EXPECT_TRUE(story.first().masked);
}

TEST(Recovery, BlamesTheTargetForAnOperationThatWaitedPastItsTimeoutUnsent) {
    TrialStory story;
    story.say("ooo").inject().say("ooooo");
    Operation unsent;
    unsent.intended_ns = nanoseconds_of(story.timeline.end);
    unsent.outcome = Outcome::failed;
    unsent.failure = Failure::unsent;
    story.timeline.operations.push_back(unsent);
    story.timeline.end += 200ms;
    EXPECT_FALSE(story.first().masked);
}

TEST(Recovery, OfTwoInjectionsIsMeasuredForEach) {
    TrialStory story;
    story.say("ooo").inject("first").say("xxooooooo").inject("second").say("xxxxooooooooo");
    const auto measures = story.measure().injections;
    ASSERT_EQ(measures.size(), 2U);
    EXPECT_EQ(measures[0].recovery_time, 26ms);
    EXPECT_EQ(measures[0].downtime, 21ms);
    EXPECT_FALSE(measures[0].relapsed) << "what follows belongs to the second";
    EXPECT_EQ(measures[1].recovery_time, 160ms + 1ms - 115ms);
    EXPECT_EQ(measures[1].downtime, 41ms);
}

TEST(Recovery, SearchesPastTheNextInjectionWhenFaultsOverlap) {
    TrialStory story;
    story.say("ooo").inject("first").say("xx").inject("second").say("xxxxooooooooo");
    const auto measures = story.measure().injections;
    EXPECT_EQ(measures[0].recovery_time, 90ms + 1ms - 25ms);
    EXPECT_EQ(measures[1].recovery_time, 90ms + 1ms - 45ms);
    EXPECT_EQ(measures[0].downtime, 15ms) << "ends where the second begins";
    EXPECT_EQ(measures[1].downtime, 41ms);
}

TEST(Downtime, AddsUpTheBadIntervals) {
    // Bad from 30 ms to 51 ms, and from 70 ms to 81 ms.
    EXPECT_EQ(TrialStory().say("ooo").inject().say("xxooxoooooo").first().downtime, 21ms + 11ms);
}

TEST(Downtime, CountsOverlappingIntervalsOnce) {
    // 30–71 ms (the slow success of 40 ms ends the interval at 70 ms) and 50–61 ms lie in each
    // other.
    EXPECT_EQ(TrialStory().say("ooo").inject().say("xsxoooooo").first().downtime, 40ms);
}

TEST(SuccessRate, IsTakenOverItsWindowOnly) {
    // [25 ms, 125 ms] holds the operations of 30 to 120 ms.
    TrialStory story;
    story.say("xxx").inject().say("xxoooooooo").repeat('x', 20);
    const auto measures = story.first();
    EXPECT_EQ(measures.operations, 10U);
    EXPECT_EQ(measures.good_operations, 8U);
    EXPECT_DOUBLE_EQ(measures.success_rate.value(), 0.8);
}

TEST(SuccessRate, IsClippedToTheEndOfTheTrial) {
    EXPECT_EQ(TrialStory().say("ooo").inject().say("xxoo").first().operations, 4U);
}

}  // namespace
}  // namespace faultline
