// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/condition.hpp"

#include <gtest/gtest.h>

#include "targets/core/recover/standby.hpp"

namespace ftcore::testing {
namespace {

bool true_for(Condition condition, const NodeView& node, bool over = false) {
    return holds(condition, {.self = 2, .lost = 1, .over = over, .node = node});
}

TEST(Condition, OtherLeaderIsAnybodyButTheLostOne) {
    EXPECT_FALSE(true_for(Condition::other_leader, {.leader = nobody}));
    EXPECT_FALSE(true_for(Condition::other_leader, {.leader = 1}));
    EXPECT_TRUE(true_for(Condition::other_leader, {.leader = 2}));
    EXPECT_TRUE(true_for(Condition::other_leader, {.leader = 3}));
    EXPECT_TRUE(true_for(Condition::leader_known, {.leader = 1}));
}

TEST(Condition, CaughtUpNeedsDataDiskAndGroup) {
    EXPECT_TRUE(true_for(Condition::caught_up, {.leader = 3}));
    EXPECT_FALSE(true_for(Condition::caught_up, {.leader = nobody}));
    EXPECT_FALSE(true_for(Condition::caught_up, {.leader = 3, .catching_up = true}));
    EXPECT_FALSE(true_for(Condition::caught_up, {.leader = 3, .storage_ok = false}));
}

TEST(Condition, OthersSayWhatTheyAreCalled) {
    EXPECT_TRUE(true_for(Condition::none, {}));
    EXPECT_FALSE(true_for(Condition::never, {}));
    EXPECT_TRUE(true_for(Condition::not_leading, {.role = Role::candidate}));
    EXPECT_FALSE(true_for(Condition::not_leading, {.role = Role::leader}));
    EXPECT_FALSE(true_for(Condition::storage_ok, {.storage_ok = false}));
    EXPECT_FALSE(true_for(Condition::trouble_over, {}));
    EXPECT_TRUE(true_for(Condition::trouble_over, {}, true));
}

TEST(Standby, IsHotWarmOrColdByWhatIsInReach) {
    EXPECT_EQ(standby_mode({.peer_in_reach = true}), StandbyMode::hot);
    EXPECT_EQ(standby_mode({.peer_in_reach = true, .catching_up = true}), StandbyMode::warm);
    EXPECT_EQ(standby_mode({}), StandbyMode::cold);
    EXPECT_LT(patience_of(StandbyMode::hot), patience_of(StandbyMode::warm));
    EXPECT_LT(patience_of(StandbyMode::warm), patience_of(StandbyMode::cold));
    EXPECT_EQ(name_of(StandbyMode::warm), "warm");
}

}  // namespace
}  // namespace ftcore::testing
