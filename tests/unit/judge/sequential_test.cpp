// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/sequential.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "harness/base/random.hpp"

namespace faultline {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

TEST(LookPlan, GrowsByAQuarterUpToTheMostTrials) {
    const LookPlan plan = plan_looks(100);
    ASSERT_GT(plan.trials.size(), 5U);
    EXPECT_EQ(plan.trials.front(), 8U);
    EXPECT_EQ(plan.trials.back(), 100U);
    EXPECT_DOUBLE_EQ(plan.fraction.front(), 0.08);
    EXPECT_DOUBLE_EQ(plan.fraction.back(), 1.0);
    for (std::size_t i = 1; i < plan.trials.size(); ++i) {
        EXPECT_GT(plan.trials[i], plan.trials[i - 1]);
        EXPECT_GT(plan.fraction[i], plan.fraction[i - 1]);
    }
}

TEST(LookPlan, HasOneLookWhenThereAreFewTrials) {
    EXPECT_EQ(plan_looks(5).trials, (std::vector<std::size_t>{5}));
    EXPECT_EQ(plan_looks(8).trials, (std::vector<std::size_t>{8}));
}

TEST(LookPlan, StopsLookingWhereAFixedBaseLetsNothingBeLearned) {
    const LookPlan plan = plan_looks(100'000, 10);
    EXPECT_LT(plan.trials.size(), 25U);
    EXPECT_LT(plan.trials[plan.trials.size() - 2], 2'000U);
    EXPECT_NEAR(plan.fraction.front(), 8.0 / 18, 0.001);
}

TEST(NominalLevels, IsTheLevelItselfForOneLook) {
    const std::vector<double> once{1.0};
    EXPECT_NEAR(nominal_levels(0.05, once).front(), 0.05, 1e-9);
}

// DeMets and Lan, Statistics in Medicine 13 (1994), table II: 2.44, 2.43, 2.41, 2.40, 2.39.
TEST(NominalLevels, AreThoseThatWerePublishedForFiveEvenLooks) {
    const std::vector<double> even{0.2, 0.4, 0.6, 0.8, 1.0};
    const std::vector<double> levels = nominal_levels(0.025, even);
    const std::vector<double> published{2.44, 2.43, 2.41, 2.40, 2.39};
    ASSERT_EQ(levels.size(), published.size());
    for (std::size_t i = 0; i < levels.size(); ++i)
        EXPECT_NEAR(normal_point(levels[i]), published[i], 0.006) << i;
}

TEST(NominalLevels, SpendTheLevelOverAllLooksOfARandomWalk) {
    const LookPlan plan = plan_looks(100);
    const std::vector<double> levels = nominal_levels(0.05, plan.fraction);
    Random random(7);
    constexpr int walks = 20'000;
    int crossed = 0;
    for (int walk = 0; walk < walks; ++walk) {
        double position = 0, time = 0;
        for (std::size_t i = 0; i < levels.size(); ++i) {
            position += std::sqrt(plan.fraction[i] - time) * random.normal();
            time = plan.fraction[i];
            if (normal_tail(position / std::sqrt(time)) > levels[i]) continue;
            ++crossed;
            break;
        }
    }
    EXPECT_NEAR(static_cast<double>(crossed) / walks, 0.05, 0.0045);
}

TEST(WorseningLimit, IsRelativeButNeverLessThanTheAbsolutePart) {
    const WorseningLimit limit{.relative = 0.1, .absolute = 5};
    EXPECT_DOUBLE_EQ(limit.beyond(100), 110);
    EXPECT_DOUBLE_EQ(limit.beyond(0), 5);
    EXPECT_EQ(limit.beyond(never), never);
}

TEST(LookAtSeries, SaysThatEqualConstantsAreNotWorse) {
    const TwoSeries same{std::vector(8, 100.0), std::vector(8, 100.0)};
    const LookEvidence evidence = look_at(same, {.relative = 0.1});
    EXPECT_LT(evidence.p_effect, 0.001);
    EXPECT_GT(evidence.p_no_change, 0.5);
    EXPECT_FALSE(evidence.effect_seen);
}

TEST(LookAtSeries, TakesTimesThatNeverEndedAsTheWorst) {
    std::vector<double> base, head;
    for (int i = 0; i < 10; ++i) {
        base.push_back(100 + i);
        head.push_back(never);
    }
    const LookEvidence evidence = look_at({base, head}, {.relative = 0.1});
    EXPECT_LT(evidence.p_no_change, 0.001);
    EXPECT_TRUE(evidence.effect_seen);
    EXPECT_GT(look_at({head, head}, {.relative = 0.1}).p_effect, 0.5) << "knows nothing";
}

TEST(LookAtSeries, KnowsNothingOfNothing) {
    const LookEvidence evidence = look_at(TwoSeries{{}, {1.0}}, {.relative = 0.1});
    EXPECT_EQ(evidence.p_no_change, 1);
    EXPECT_EQ(evidence.p_effect, 1);
}

TEST(LookAtTallies, SeesADropAndWhatIsTooFewToSeeNone) {
    EXPECT_LT(look_at(TwoTallies{0, 30, 12, 30}, 0.1).p_no_change, 0.001);
    EXPECT_GT(look_at(TwoTallies{0, 8, 0, 8}, 0.1).p_effect, 0.3) << "0.9^8 is 0.43";
    EXPECT_NEAR(look_at(TwoTallies{0, 40, 0, 40}, 0.1).p_effect, std::pow(0.9, 40), 0.005);
}

class Sequential : public ::testing::Test {
  protected:
    SequentialDesign design = sequential_design(plan_looks(100), 0.05, 0.1);
};

TEST_F(Sequential, CallsItWorseOnlyWhenTheEffectIsSeen) {
    SequentialTest test;
    test.look(design, 0, {.p_no_change = 1e-9, .p_effect = 0.6, .effect_seen = false});
    EXPECT_EQ(test.state(), GateState::open);
    test.look(design, 1, {.p_no_change = 1e-9, .p_effect = 0.6, .effect_seen = true});
    EXPECT_EQ(test.state(), GateState::worse);
}

TEST_F(Sequential, KeepsWhatWasDecided) {
    SequentialTest test;
    test.look(design, 0, {.p_no_change = 0.5, .p_effect = 1e-9});
    EXPECT_EQ(test.state(), GateState::not_worse);
    test.look(design, 1, {.p_no_change = 1e-9, .p_effect = 1, .effect_seen = true});
    EXPECT_EQ(test.state(), GateState::not_worse);
    EXPECT_EQ(test.look_index(), 0U);
}

TEST_F(Sequential, AFactDecidesWhateverWasDecided) {
    SequentialTest test;
    test.look(design, 0, {.p_no_change = 0.5, .p_effect = 1e-9});
    test.fact(1);
    EXPECT_EQ(test.state(), GateState::worse);
}

TEST_F(Sequential, WhatOnlyAlarmsIsNeverShownToBeNoWorse) {
    SequentialTest test(true);
    for (std::size_t look = 0; look < design.looks.trials.size(); ++look)
        test.look(design, look, {.p_no_change = 1, .p_effect = 1e-9});
    EXPECT_EQ(test.state(), GateState::open);
}

TEST_F(Sequential, GivesUpWhenNothingWillDecide) {
    SequentialTest test;
    const LookEvidence nothing{.p_no_change = 1, .p_effect = 1};
    test.look(design, 0, nothing);
    EXPECT_EQ(test.state(), GateState::open) << "too early to say";
    std::size_t look = 0;
    while (design.looks.fraction[look] < 0.5)
        ++look;
    test.look(design, look, nothing);
    EXPECT_EQ(test.state(), GateState::undecidable);
}

TEST_F(Sequential, GoesOnWhileItMayStillDecide) {
    SequentialTest test;
    std::size_t look = 0;
    while (design.looks.fraction[look] < 0.5)
        ++look;
    test.look(design, look, {.p_no_change = 0.4, .p_effect = 0.1});
    EXPECT_EQ(test.state(), GateState::open);
}

}  // namespace
}  // namespace faultline
