// SPDX-License-Identifier: Apache-2.0
#include "targets/core/state/life_cycle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

Instant at(int second) {
    return Instant(std::chrono::seconds(second));
}

std::vector<LifeState> states_of(const LifeCycle& life) {
    std::vector<LifeState> states;
    for (const LifeCycle::Change& change : life.history())
        states.insert(states.begin(), change.to);
    return states;
}

TEST(LifeCycle, GoesTheUsualWay) {
    LifeCycle life(at(0));
    for (const LifeState next : {LifeState::recovering,
                                 LifeState::secondary,
                                 LifeState::candidate,
                                 LifeState::primary,
                                 LifeState::handing_over,
                                 LifeState::secondary,
                                 LifeState::stopping,
                                 LifeState::stopped}) {
        life.enter(at(1), next, "test");
    }
    EXPECT_EQ(life.state(), LifeState::stopped);
    EXPECT_EQ(life.changes(), 8U);
}

TEST(LifeCycle, StayingIsNoChange) {
    LifeCycle life(at(0));
    life.enter(at(1), LifeState::starting, "again");
    EXPECT_EQ(life.changes(), 0U);
    EXPECT_EQ(life.since(), at(0));
}

TEST(LifeCycleDeathTest, AbortsOnAnIllegalStep) {
    LifeCycle life(at(0));
    EXPECT_DEATH(life.enter(at(1), LifeState::primary, "?"), "does not hold");
    life.reach(at(1), LifeState::stopped, "end");
    EXPECT_DEATH(life.reach(at(2), LifeState::secondary, "?"), "does not hold");
}

TEST(LifeCycle, LeavesTheSafeStateOnlyToStop) {
    for (std::size_t i = 0; i < life_state_count; ++i) {
        const auto state = static_cast<LifeState>(i);
        EXPECT_EQ(is_legal(LifeState::isolated, state), state == LifeState::stopping);
        EXPECT_FALSE(is_legal(LifeState::stopped, state));
        EXPECT_FALSE(is_legal(state, state)) << name_of(state);
        EXPECT_FALSE(is_legal(state, LifeState::starting)) << name_of(state);
    }
}

TEST(LifeCycle, LetsEveryLivingStateFailIsolateAndStop) {
    for (const LifeState state : {LifeState::recovering,
                                  LifeState::secondary,
                                  LifeState::candidate,
                                  LifeState::primary,
                                  LifeState::handing_over}) {
        EXPECT_TRUE(is_legal(state, LifeState::storage_failed)) << name_of(state);
        EXPECT_TRUE(is_legal(state, LifeState::isolated)) << name_of(state);
        EXPECT_TRUE(is_legal(state, LifeState::stopping)) << name_of(state);
    }
}

TEST(LifeCycle, ReachesByTheShortestLegalWay) {
    LifeCycle life(at(0));
    life.reach(at(1), LifeState::primary, "a group of one");
    EXPECT_THAT(
        states_of(life),
        ElementsAre(
            LifeState::recovering, LifeState::secondary, LifeState::candidate, LifeState::primary));
    life.reach(at(2), LifeState::candidate, "another term");
    EXPECT_EQ(life.history(1)[0].from, LifeState::secondary);
    // What never was on the way is not told.
    for (const LifeCycle::Change& change : life.history())
        EXPECT_NE(change.to, LifeState::storage_failed);
}

TEST(LifeCycle, RemembersWhenAndWhyWithinABound) {
    LifeCycle life(at(0), 4);
    life.reach(at(1), LifeState::secondary, "recovered");
    for (int i = 0; i < 10; ++i) {
        life.enter(at(10 + i), LifeState::candidate, "the primary is lost");
        life.enter(at(10 + i), LifeState::secondary, "another one won");
    }
    EXPECT_THAT(life.history(), SizeIs(4));
    EXPECT_EQ(life.changes(), 22U);
    EXPECT_EQ(life.lines(at(20), 1)[0], "1.00 s ago candidate -> secondary: another one won");
}

TEST(LifeCycle, NamesItsStates) {
    EXPECT_EQ(name_of(LifeState::handing_over), "handing_over");
    EXPECT_EQ(name_of(LifeState::storage_failed), "storage_failed");
}

}  // namespace
}  // namespace ftcore::testing
