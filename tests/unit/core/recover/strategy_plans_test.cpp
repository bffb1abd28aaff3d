// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/strategy_plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> names(const Plan& plan) {
    std::vector<std::string> found;
    const auto order = order_of(plan.steps).value();
    for (const std::size_t step : order)
        found.push_back(plan.steps[step].name);
    return found;
}

Plan planned(Strategy strategy, bool leading, bool healthy_peer = true) {
    const Diagnosis diagnosis{.about = 1, .cause = Cause::storage_full};
    return plan_for(strategy,
                    {.diagnosis = diagnosis, .leading = leading, .healthy_peer = healthy_peer});
}

TEST(StrategyPlans, CanAllBeOrderedAndSayWhatTheyAchieve) {
    for (int i = 0; i <= static_cast<int>(Strategy::isolate_self); ++i) {
        for (const bool leading : {false, true}) {
            const Plan plan = planned(static_cast<Strategy>(i), leading);
            EXPECT_TRUE(order_of(plan.steps).has_value()) << i;
            EXPECT_FALSE(plan.steps.empty()) << i;
            EXPECT_FALSE(plan.effect.empty()) << i;
        }
    }
}

TEST(StrategyPlans, RefuseWritesBeforeAndAcceptThemAfterRoomIsMade) {
    EXPECT_THAT(names(planned(Strategy::make_room, true)),
                ElementsAre("refuse_writes", "hand_over_lead", "rotate_log", "accept_writes"));
    EXPECT_THAT(names(planned(Strategy::make_room, true, false)),
                ElementsAre("refuse_writes", "rotate_log", "accept_writes"));
}

TEST(StrategyPlans, HandOverBeforeALeaderFetchesWhatItLost) {
    EXPECT_THAT(names(planned(Strategy::resynchronise, true)),
                ElementsAre("hand_over_lead", "resynchronise"));
    EXPECT_THAT(names(planned(Strategy::resynchronise, false)), ElementsAre("resynchronise"));
}

TEST(StrategyPlans, ConfirmOnlyCrashes) {
    for (const Cause cause : {Cause::crash, Cause::hang, Cause::partition_of_peer}) {
        const Diagnosis diagnosis{.about = 1, .cause = cause};
        const Plan plan = plan_for(Strategy::fail_over, {.diagnosis = diagnosis});
        const auto& suspect = std::get<action::SuspectLeader>(*plan.steps[0].action);
        EXPECT_EQ(suspect.suspicion,
                  cause == Cause::crash ? Suspicion::confirmed : Suspicion::suspected);
    }
}

}  // namespace
}  // namespace ftcore::testing
