// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/measure/trial_story.hpp"

namespace faultline {
namespace {

TrialStory crash_and_recovery() {
    TrialStory story;
    story.say("oooooooooo").inject().say("xxx").repeat('o', 200);
    return story;  // t0 at 95 ms, recovered at 131 ms
}

TEST(Detection, IsTheFirstSignalAfterTheFault) {
    const auto measures = crash_and_recovery().signal(120ms).signal(105ms).first();
    EXPECT_EQ(measures.detection_time, 10ms);
    EXPECT_EQ(measures.detected_by, "log kv[1]");
    EXPECT_EQ(measures.stages.detected, 10ms);
}

TEST(Detection, BeforeTheFaultIsFalse) {
    auto story = crash_and_recovery();
    story.signal(50ms);
    EXPECT_FALSE(story.first().detection_time);
    EXPECT_EQ(story.measure().false_detections, 1U);
    EXPECT_EQ(story.measure().false_detection_exposure, 95ms - 20us);
}

TEST(Detection, AfterRecoveryStillCounts) {
    EXPECT_EQ(crash_and_recovery().signal(500ms).first().detection_time, 405ms);
}

TEST(Detection, EndsAtItsDeadline) {
    EXPECT_EQ(crash_and_recovery().signal(1095ms).first().detection_time, 1s);
    const auto late = crash_and_recovery().signal(1095ms + 1ns).first();
    EXPECT_FALSE(late.detection_time);
    EXPECT_TRUE(late.detected_by.empty());
    EXPECT_EQ(late.detection_observed_for, 1s);
}

TEST(Detection, WasWaitedForNoLongerThanTheTrialLasted) {
    const auto measures = TrialStory().say("ooo").inject().say("oooooo").first();
    EXPECT_EQ(measures.detection_observed_for, 90ms - 25ms);
}

TEST(Detection, InsideTheBracketOfTheInjectionTakesNoTime) {
    auto story = crash_and_recovery();
    story.signal(95ms - 10us);
    EXPECT_EQ(story.first().detection_time, 0ns);
    EXPECT_EQ(story.measure().false_detections, 0U);
}

TEST(Detection, IgnoresEventsThatAreNoSignals) {
    EXPECT_FALSE(crash_and_recovery().tell(105ms, "role").first().detection_time);
}

TEST(Detection, DoesNotTrustALogClockInTheFuture) {
    auto story = crash_and_recovery();
    story.signal(105ms);
    story.timeline.events.back().at += 1h;
    EXPECT_EQ(story.first().detection_time, 10ms);
}

TEST(FalseDetections, AreCountedAnywhereInAControlTrial) {
    TrialStory story;
    story.repeat('o', 100).signal(10ms).signal(990ms).signal(-5ms);
    const auto measures = story.measure(true);
    EXPECT_EQ(measures.false_detections, 2U) << "not before steady state";
    EXPECT_EQ(measures.false_detection_exposure, 1s);
}

TEST(FalseDetections, AreNotCountedWhereSteadyStateWasNeverReached) {
    TrialStory story;
    story.repeat('o', 100).signal(10ms);
    story.timeline.steady = Instant{};
    EXPECT_EQ(story.measure().false_detections, 0U);
    EXPECT_EQ(story.measure().false_detection_exposure, 0ns);
}

TEST(Stages, ComeFromTheTargetTheInjectionAndTheLoad) {
    auto story = crash_and_recovery();
    story.signal(105ms)
        .tell(100ms, "detected")
        .tell(107ms, "located")
        .tell(108ms, "decided")
        .tell(120ms, "repaired")
        .tell(140ms, "verified");
    story.timeline.injections[0].observed = TrialStory::start + 96ms;
    story.timeline.redundant = TrialStory::start + 395ms;
    const auto stages = story.first().stages;
    EXPECT_EQ(stages.effective, 1ms);
    EXPECT_EQ(stages.first_bad, 6ms);
    EXPECT_EQ(stages.detected, 5ms);
    EXPECT_EQ(stages.located, 12ms);
    EXPECT_EQ(stages.decided, 13ms);
    EXPECT_EQ(stages.repaired, 25ms);
    EXPECT_EQ(stages.serving, 36ms);
    EXPECT_EQ(stages.redundant, 300ms);
    EXPECT_EQ(stages.verified, 45ms);
    EXPECT_EQ(story.first().redundancy_time, 300ms);
}

TEST(Stages, StayEmptyWhereNobodySpoke) {
    const auto stages = crash_and_recovery().first().stages;
    EXPECT_FALSE(stages.effective);
    EXPECT_FALSE(stages.detected);
    EXPECT_FALSE(stages.located);
    EXPECT_FALSE(stages.decided);
    EXPECT_FALSE(stages.repaired);
    EXPECT_FALSE(stages.redundant);
    EXPECT_FALSE(stages.verified);
}

TEST(Stages, TellARepairThatBeginsFromOneThatIsDone) {
    auto story = crash_and_recovery();
    story.tell(110ms, "repair").timeline.events.back().fields["state"] = "begin";
    story.tell(125ms, "repair").timeline.events.back().fields["state"] = "done";
    EXPECT_EQ(story.first().stages.decided, 15ms);
    EXPECT_EQ(story.first().stages.repaired, 30ms);
}

TEST(Stages, BelongToTheLastInjectionBeforeThem) {
    TrialStory story;
    story.say("ooo").inject("first").repeat('o', 20).inject("second").repeat('o', 20);
    story.tell(300ms, "repaired");
    EXPECT_FALSE(story.measure().injections[0].stages.repaired);
    EXPECT_EQ(story.measure().injections[1].stages.repaired, 75ms);
}

TEST(Diagnosis, IsTheCauseOfTheFirstDiagnosis) {
    auto story = crash_and_recovery();
    story.tell(100ms, "detected", "timeout").tell(110ms, "diagnosed", "crash");
    story.tell(120ms, "diagnosed", "hang");
    EXPECT_EQ(story.first().diagnosis, "crash");
}

TEST(Diagnosis, IsTheCauseOfTheDetectionWhereNothingWasDiagnosed) {
    EXPECT_EQ(crash_and_recovery().tell(100ms, "detected", "hang").first().diagnosis, "hang");
    EXPECT_EQ(crash_and_recovery().tell(100ms, "detected").first().diagnosis, "");
}

}  // namespace
}  // namespace faultline
