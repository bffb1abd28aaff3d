// SPDX-License-Identifier: Apache-2.0
#include "targets/core/repair/choose.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::ElementsAre;
using enum Strategy;

const Instant now{std::chrono::seconds(100)};
const RepairSituation leading{.leading = true, .healthy_peer = true};

std::vector<Strategy> chosen(Cause cause,
                             const RepairSituation& situation = {},
                             const RepairSettings& settings = {}) {
    return choose({.at = now, .about = 1, .cause = cause}, situation, settings);
}

TEST(Choose, FailsOverALostLeaderAndMasksALostFollower) {
    for (const Cause cause : {Cause::crash, Cause::hang, Cause::partition_of_peer}) {
        EXPECT_THAT(chosen(cause, {.about_leader = true}),
                    ElementsAre(fail_over, fail_over, fail_over, await_leader));
        EXPECT_THAT(chosen(cause), ElementsAre(await_return));
    }
}

TEST(Choose, DoesNothingAboutItsOwnPartition) {
    EXPECT_THAT(chosen(Cause::partition_of_self, leading), ElementsAre(await_majority));
}

TEST(Choose, RotatesAFailedLogThenBeginsAnewThenIsSafe) {
    EXPECT_THAT(chosen(Cause::storage_failing, leading),
                ElementsAre(rotate_log, rotate_log, restart_self, isolate_self));
    EXPECT_THAT(chosen(Cause::storage_failing, leading, {.restarts_before = 3, .restarts_max = 3}),
                ElementsAre(rotate_log, rotate_log, isolate_self));
}

TEST(Choose, HandsOverForASlowDiskOnlyWhereItHelps) {
    EXPECT_THAT(chosen(Cause::storage_slow, leading), ElementsAre(hand_over, observe));
    EXPECT_THAT(chosen(Cause::storage_slow, {.leading = true}), ElementsAre(observe));
    EXPECT_THAT(chosen(Cause::storage_slow, {.healthy_peer = true}), ElementsAre(observe));
}

TEST(Choose, HandsOverForASlowDiskBelowLevelHighOnlyOnceClientsFeelIt) {
    RepairSituation situation = leading;
    situation.level = Level::medium;
    EXPECT_THAT(chosen(Cause::storage_slow, situation), ElementsAre(observe));
    situation.clients_suffer = true;
    EXPECT_THAT(chosen(Cause::storage_slow, situation), ElementsAre(hand_over, observe));
}

TEST(Choose, DoesNotHandOverForSlownessAgainBeforeThePauseIsOver) {
    RepairSituation situation = leading;
    situation.last_hand_over = now - std::chrono::seconds(9);
    EXPECT_THAT(chosen(Cause::storage_slow, situation), ElementsAre(observe));
    EXPECT_THAT(chosen(Cause::slow, situation), ElementsAre(observe));
    situation.last_hand_over = now - std::chrono::seconds(10);
    EXPECT_THAT(chosen(Cause::storage_slow, situation), ElementsAre(hand_over, observe));
    EXPECT_THAT(chosen(Cause::slow, situation), ElementsAre(hand_over, observe));
}

TEST(Choose, DoesNotHandOverToNodesThatAreAsLate) {
    RepairSituation situation = leading;
    situation.all_lag = true;
    EXPECT_THAT(chosen(Cause::slow, situation), ElementsAre(observe));
}

TEST(Choose, FetchesWhatIsDamagedWhereThereIsAnybodyToFetchFrom) {
    EXPECT_THAT(chosen(Cause::corruption), ElementsAre(resynchronise, resynchronise, isolate_self));
    EXPECT_THAT(chosen(Cause::corruption, {.alone = true}), ElementsAre(isolate_self));
}

TEST(Choose, MakesRoomAndSheds) {
    EXPECT_THAT(chosen(Cause::storage_full, leading), ElementsAre(make_room));
    EXPECT_THAT(chosen(Cause::overload, leading), ElementsAre(shed));
}

TEST(StrategyNames, AreWhatDecidedSays) {
    EXPECT_EQ(name_of(fail_over), "fail_over");
    EXPECT_EQ(name_of(await_return), "await_return");
    EXPECT_EQ(name_of(isolate_self), "isolate_self");
}

}  // namespace
}  // namespace ftcore::testing
