// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/measure/trial_story.hpp"

namespace faultline {
namespace {

TEST(MeasureTrial, CountsOperationsByOutcome) {
    const auto measures = TrialStory().say("oooxxt").measure();
    EXPECT_EQ(measures.total, 6U);
    EXPECT_EQ(measures.ok, 3U);
    EXPECT_EQ(measures.failed, 2U);
    EXPECT_EQ(measures.unknown, 1U);
    EXPECT_TRUE(measures.injections.empty());
}

TEST(MeasureTrial, ReportsTheLagThatAHundredthOfOperationsExceeds) {
    TrialStory story;
    story.repeat('o', 200);
    for (std::size_t i = 0; i < 200; ++i) {
        story.timeline.operations[i].lag_us = static_cast<std::uint32_t>(200 - i);
    }
    EXPECT_EQ(story.measure().lag_p99, 198us);
}

class Watching : public ::testing::Test {
  protected:
    ConditionSpec condition_{.success_rate = 0.8, .latency = 20ms, .window = 40ms};

    static void feed(ConditionWatch& watch, const TrialStory& story) {
        for (std::size_t i = 0; i < story.timeline.operations.size(); ++i) {
            watch.feed(story.timeline.operations[i]);
        }
    }
    [[nodiscard]] ConditionWatch watch(std::string_view letters, Duration from = 0ms) const {
        ConditionWatch watch(condition_, TrialStory::start + from);
        feed(watch, TrialStory().say(letters));
        return watch;
    }
};

TEST_F(Watching, HoldsOnlyWhenAWholeWindowWasSeen) {
    EXPECT_FALSE(watch("ooooo").held_since());
    EXPECT_EQ(watch("oooooo").held_since(), TrialStory::start + 1ms);
}

TEST_F(Watching, NeverHoldsWithoutOperations) {
    EXPECT_FALSE(watch("").held_since());
    EXPECT_EQ(watch("").recent_success(), 0.0);
}

TEST_F(Watching, BeginsWithAGoodOperation) {
    EXPECT_EQ(watch("xoooooooo").held_since(), TrialStory::start + 11ms);
    EXPECT_FALSE(watch("ssssssssssss").held_since()) << "late ones are bad";
}

TEST_F(Watching, HoldsAtTheExactShare) {
    EXPECT_EQ(watch("ooxooo").held_since(), TrialStory::start + 1ms);
    EXPECT_FALSE(watch("oxxooo").held_since());
}

TEST_F(Watching, IgnoresWhatWasIntendedBefore) {
    EXPECT_EQ(watch("xxxoooooo", 30ms).held_since(), TrialStory::start + 31ms);
}

TEST_F(Watching, TellsRecoveryFromHealthBeforeTheFirstBadOne) {
    const auto healthy = watch("oooooooo");
    EXPECT_TRUE(healthy.held_since());
    EXPECT_FALSE(healthy.saw_bad());
    EXPECT_FALSE(healthy.held_after_bad());
    const auto recovered = watch("oooooooxxxoooooo");
    EXPECT_TRUE(recovered.saw_bad());
    EXPECT_EQ(recovered.held_after_bad(), TrialStory::start + 101ms);
}

TEST_F(Watching, SharesTheLastWindow) {
    EXPECT_DOUBLE_EQ(watch("xxxxxxxxoooxx").recent_success(), 0.6);
}

TEST_F(Watching, AgreesWithTheMeasure) {
    TrialStory story;
    story.scenario.recovery = {.success_rate = 0.8, .window = 40ms, .within = 10s};
    story.say("ooo").inject().say("oooxxooxxooxoxxxooooxoooooooo");
    ConditionWatch watch(story.scenario.recovery, story.timeline.injections[0].at());
    feed(watch, story);
    EXPECT_EQ(watch.held_after_bad(),
              story.timeline.injections[0].at() + story.first().recovery_time.value());
}

}  // namespace
}  // namespace faultline
