// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/gate.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/random.hpp"
#include "tests/unit/judge/trials.hpp"

namespace faultline {
namespace {

using ::testing::HasSubstr;

Scenario loaded_scenario() {
    Scenario scenario = RunStory().scenario;
    scenario.name = "crash";
    scenario.load = LoadSpec{.driver = "redis"};
    return scenario;
}

/// What is drawn for every trial of one build.
using TrialStory = std::function<void(RunStory&, Random&)>;

TrialStory recovers_in(Duration mean) {
    return [mean](RunStory& story, Random& random) {
        const double factor = 1 + 0.1 * random.normal();
        story.recovered(Duration(std::llround(static_cast<double>(mean.count()) * factor)));
    };
}

/// Feeds the gate as the run room does, until it is over.
Gate judged(const TrialStory& base_story,
            const TrialStory& head_story,
            std::vector<std::string> asked = {}) {
    static const Scenario scenario = loaded_scenario();
    auto measures = gate_measures(scenario, asked);
    EXPECT_TRUE(measures) << measures.error().message;
    Gate gate(scenario, *measures, {});
    RunStory base, head;
    Random random(3);
    for (std::size_t look = 0; look < gate.looks().trials.size() && !gate.over(); ++look) {
        while (head.trials.size() < gate.looks().trials[look]) {
            base_story(base, random);
            head_story(head, random);
        }
        gate.look(look, base.trials, head.trials);
    }
    return gate;
}

MeasureDecision decision_on(const Gate& gate, const std::string& name) {
    for (const MeasureDecision& decision : gate.decisions()) {
        if (decision.name == name) return decision;
    }
    ADD_FAILURE() << "no measure " << name;
    return {};
}

TEST(GateMeasures, AreRecoveryAndDetectionAndTheFacts) {
    const auto measures = gate_measures(loaded_scenario(), {});
    ASSERT_TRUE(measures);
    std::vector<std::string> names, facts;
    for (const GateMeasure& measure : *measures)
        (measure.alarm_only ? facts : names).push_back(measure.name);
    EXPECT_THAT(names, ::testing::ElementsAre("recovery_time", "detection_time"));
    EXPECT_THAT(facts, ::testing::ElementsAre("recovered", "lost_writes"));
}

TEST(GateMeasures, OfAnInjectionAreNamedByItsId) {
    const auto measures =
        gate_measures(loaded_scenario(), {"fault-1.downtime", "recovered", "recovered"});
    ASSERT_TRUE(measures);
    ASSERT_EQ(measures->size(), 3U);
    EXPECT_EQ(measures->at(0).injection, "fault-1");
    EXPECT_EQ(measures->at(0).metric, "downtime");
    EXPECT_FALSE(measures->at(1).alarm_only) << "asked for, so it must be shown";
}

TEST(GateMeasures, ThatAreNoneAreRefusedWithTheNearest) {
    const auto typo = gate_measures(loaded_scenario(), {"recovery_tim"});
    ASSERT_FALSE(typo);
    EXPECT_THAT(typo.error().message, HasSubstr("did you mean \"recovery_time\"?"));
    EXPECT_FALSE(gate_measures(loaded_scenario(), {"second.recovery_time"}));
    EXPECT_FALSE(gate_measures(loaded_scenario(), {"masked"})) << "neither good nor bad";
}

TEST(GateMeasures, OfAScenarioThatMeasuresNothingAreNone) {
    Scenario silent = RunStory().scenario;
    silent.detection.clear();
    EXPECT_FALSE(gate_measures(silent, {}));
    silent.faults.clear();
    EXPECT_FALSE(gate_measures(silent, {"recovery_time"}));
}

TEST(GateOnTrials, PassesABuildThatIsTheSame) {
    const Gate gate = judged(recovers_in(1s), recovers_in(1s));
    EXPECT_EQ(gate.state(), GateState::not_worse);
    EXPECT_TRUE(gate.over());
    EXPECT_THAT(decision_on(gate, "recovery_time").explanation, HasSubstr("not 10 % longer"));
    EXPECT_EQ(decision_on(gate, "recovered").explanation, "no alarm");
}

TEST(GateOnTrials, PassesNothingBeforeRareDisastersHadTheirChance) {
    const auto constant = [](RunStory& story, Random&) { story.recovered(1s); };
    const Gate gate = judged(constant, constant);
    EXPECT_EQ(gate.state(), GateState::not_worse);
    EXPECT_EQ(decision_on(gate, "recovery_time").look, 1U) << "known at once";
    EXPECT_GE(decision_on(gate, "recovered").head_n, pass_least);
}

TEST(GateOnTrials, FailsABuildThatIsAFifthSlower) {
    const Gate gate = judged(recovers_in(1s), recovers_in(1200ms));
    EXPECT_EQ(gate.state(), GateState::worse);
    EXPECT_EQ(decision_on(gate, "recovery_time").state, GateState::worse);
    EXPECT_LT(decision_on(gate, "recovery_time").head_n, 50U);
}

TEST(GateOnTrials, PassesABuildThatIsFaster) {
    EXPECT_EQ(judged(recovers_in(1s), recovers_in(700ms)).state(), GateState::not_worse);
}

TEST(GateOnTrials, DoesNotCountShiftsThatNobodyFeels) {
    // 10 us to 20 us is twice as long and nothing.
    const auto constant = [](Duration time) {
        return [time](RunStory& story, Random&) { story.recovered(time); };
    };
    EXPECT_EQ(judged(constant(10us), constant(20us)).state(), GateState::not_worse);
    EXPECT_EQ(judged(constant(10us), constant(5ms)).state(), GateState::worse);
}

TEST(GateOnTrials, HandlesFaultsThatAreMasked) {
    const auto masked = [](RunStory& story, Random&) { story.recovered(Duration::zero()); };
    EXPECT_EQ(judged(masked, masked).state(), GateState::not_worse);
    EXPECT_EQ(judged(masked, recovers_in(1s)).state(), GateState::worse);
}

TEST(GateOnTrials, FailsAtOnceWhenWritesAreLostThatTheBaseKept) {
    const auto lossless = [](RunStory& story, Random&) { story.recovered(1s).lost_writes = 0; };
    const auto lossy = [](RunStory& story, Random&) {
        story.recovered(1s).lost_writes = story.trials.size() == 3 ? 1 : 0;
    };
    const Gate gate = judged(lossless, lossy);
    EXPECT_EQ(gate.state(), GateState::worse);
    const MeasureDecision decision = decision_on(gate, "lost_writes");
    EXPECT_TRUE(decision.fact);
    EXPECT_EQ(decision.look, 1U);
    EXPECT_EQ(judged(lossy, lossy).state(), GateState::not_worse) << "the base loses them too";
}

TEST(GateOnTrials, FailsABuildThatOftenNeverRecovers) {
    const auto sometimes = [](RunStory& story, Random& random) {
        if (random.uniform() < 0.6) {
            story.never_recovered();
        } else {
            recovers_in(900ms)(story, random);  // and is faster when it does
        }
    };
    const Gate gate = judged(recovers_in(1s), sometimes, {"detection_time"});
    EXPECT_EQ(gate.state(), GateState::worse);
}

TEST(GateOnTrials, GivesUpWhenNeitherBuildEverRecovers) {
    const auto never = [](RunStory& story, Random&) { story.never_recovered(); };
    const Gate gate = judged(never, never, {"recovery_time"});
    EXPECT_EQ(gate.state(), GateState::undecidable);
    EXPECT_LT(decision_on(gate, "recovery_time").head_n, 60U) << "without running all 100 trials";
}

TEST(GateOnTrials, CountsOnlyTrialsThatCount) {
    const auto disturbed = [](RunStory& story, Random& random) {
        recovers_in(1s)(story, random);
        story.trials.back().disturbed = true;
    };
    const Gate gate = judged(recovers_in(1s), disturbed, {"recovery_time"});
    EXPECT_EQ(gate.state(), GateState::undecidable);
    EXPECT_THAT(decision_on(gate, "recovery_time").explanation, HasSubstr("not measured in both"));
}

TEST(GateOnTrials, HasOneAlarmRateForAllMeasures) {
    const Scenario scenario = loaded_scenario();
    const Gate one(scenario, {{.name = "recovery_time", .metric = "recovery_time"}}, {});
    const auto all = gate_measures(scenario, {});
    ASSERT_TRUE(all);
    Gate four(scenario, *all, {});
    RunStory trials;
    for (int i = 0; i < 8; ++i)
        trials.recovered(1s);
    four.look(0, trials.trials, trials.trials);
    const std::vector<double> fraction = one.looks().fraction;
    EXPECT_NEAR(decision_on(four, "recovery_time").alarm_level,
                nominal_levels(0.05 / 4, fraction).front(),
                1e-9);
}

}  // namespace
}  // namespace faultline
