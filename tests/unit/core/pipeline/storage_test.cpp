// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Rig::Options leading{.self = 2, .leader = 2};

/// A log that can be rotated after so many attempts, and a lead that is handed over.
void mend(Rig& rig, int rotations_that_fail) {
    rig.carry_out = [&rig, left = rotations_that_fail](const Action& action) mutable {
        if (std::holds_alternative<action::HandOverLead>(action.what)) {
            rig.view.role = Role::follower;
            rig.view.leader = 3;
            rig.view.serving = false;
        }
        if (!std::holds_alternative<action::RotateLog>(action.what)) return true;
        if (left-- > 0) return false;
        rig.view.storage_ok = true;
        return true;
    };
}

void fail_sync(Rig& rig, ErrorCode code = ErrorCode::storage_failed) {
    rig.view.storage_ok = false;
    rig.storage(code);
}

TEST(FailedSync, IsDiagnosedAtOnceAndTheLeadHandedOver) {
    Rig rig(leading);
    mend(rig, 0);
    const Instant failed = rig.now;
    fail_sync(rig);
    EXPECT_EQ(rig.at("detected"), failed);
    EXPECT_EQ(rig.at("decided"), failed);
    EXPECT_EQ(rig.first("diagnosed", "cause"), "storage_failing");
    EXPECT_EQ(rig.first("diagnosed", "about"), "kv[1]");
    EXPECT_EQ(rig.first("located", "place"), "disk");
    EXPECT_THAT(rig.first("diagnosed", "evidence"), HasSubstr("fsync of the log"));
    EXPECT_THAT(rig.actions<action::HandOverLead>(), SizeIs(1));
    EXPECT_THAT(rig.actions<action::RotateLog>(), SizeIs(1));

    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("repaired", "strategy"), "rotate_log");
    EXPECT_EQ(rig.first("verified", "ok"), "true");
    EXPECT_TRUE(rig.pipeline.health().storage_ok);
    EXPECT_THAT(rig.actions<action::RestartSelf>(), IsEmpty());
}

TEST(FailedSync, OfAFollowerHandsNothingOver) {
    Rig rig;
    mend(rig, 0);
    fail_sync(rig);
    rig.run_for(seconds(1));
    EXPECT_THAT(rig.actions<action::HandOverLead>(), IsEmpty());
    EXPECT_EQ(rig.first("verified", "ok"), "true");
}

TEST(FailedSync, ThatRotationDoesNotMendRestartsThenIsolates) {
    Rig rig(leading);
    mend(rig, 1000);
    fail_sync(rig);
    EXPECT_FALSE(rig.pipeline.health().storage_ok);
    rig.run_for(seconds(30));
    EXPECT_EQ(rig.all("decided", "strategy"), "rotate_log,rotate_log,restart_self,isolate_self");
    EXPECT_THAT(rig.actions<action::RotateLog>(), SizeIs(6));
    EXPECT_THAT(rig.actions<action::RestartSelf>(), SizeIs(1));
    EXPECT_THAT(rig.actions<action::IsolateSelf>(), SizeIs(1));
    EXPECT_THAT(rig.all("alert", "rule"), HasSubstr("safe_state"));
}

TEST(FailedSync, IsolatesAtOnceAfterTooManyRestarts) {
    Rig rig({.self = 2, .leader = 1, .adjust = [](PipelineSettings& settings) {
                 settings.repair.restarts_before = 3;
             }});
    mend(rig, 1000);
    fail_sync(rig);
    rig.run_for(seconds(30));
    EXPECT_THAT(rig.actions<action::RestartSelf>(), IsEmpty());
    EXPECT_THAT(rig.actions<action::IsolateSelf>(), SizeIs(1));
}

TEST(FailedSync, ThatComesBackAfterARepairIsAnotherIncident) {
    Rig rig(leading);
    mend(rig, 0);
    fail_sync(rig);
    rig.run_for(seconds(1));
    rig.storage(ErrorCode::none);
    rig.run_for(seconds(1));
    rig.forget();
    fail_sync(rig);
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "storage_failing");
    EXPECT_EQ(rig.first("verified", "ok"), "true");
}

TEST(DiskFull, RefusesWritesHandsOverAndComesBackWhenThereIsRoom) {
    Rig rig(leading);
    mend(rig, 5);
    fail_sync(rig, ErrorCode::storage_full);
    EXPECT_EQ(rig.first("diagnosed", "cause"), "storage_full");
    EXPECT_EQ(rig.first("decided", "strategy"), "make_room");
    ASSERT_THAT(rig.actions<action::RefuseWrites>(), SizeIs(1));
    EXPECT_TRUE(rig.actions<action::RefuseWrites>()[0].on);
    EXPECT_EQ(rig.actions<action::RefuseWrites>()[0].code, ErrorCode::storage_full);
    EXPECT_THAT(rig.actions<action::HandOverLead>(), SizeIs(1));

    rig.run_for(seconds(10));
    EXPECT_THAT(rig.actions<action::RotateLog>(), SizeIs(6));
    ASSERT_THAT(rig.actions<action::RefuseWrites>(), SizeIs(2));
    EXPECT_FALSE(rig.actions<action::RefuseWrites>()[1].on);
    EXPECT_EQ(rig.first("verified", "ok"), "true");
    EXPECT_EQ(rig.all("alert", "state"), "firing,resolved");
}

TEST(DiskFull, KeepsTryingWithAPauseForAsLongAsItTakes) {
    Rig rig(leading);
    mend(rig, 1'000'000);
    fail_sync(rig, ErrorCode::storage_full);
    rig.run_for(seconds(60));
    const std::size_t attempts = rig.actions<action::RotateLog>().size();
    EXPECT_GE(attempts, 220U);  // the pauses grow to 250 ms and no further
    EXPECT_LE(attempts, 260U);
    EXPECT_THAT(rig.actions<action::RestartSelf>(), IsEmpty());
    EXPECT_THAT(rig.actions<action::IsolateSelf>(), IsEmpty());
}

TEST(DiskFull, KeepsTheLeadWhenNobodyIsBetterOff) {
    Rig rig(leading);
    for (auto& [id, peer] : rig.peers)
        peer.health.storage_ok = false;
    rig.run_for(milliseconds(100));
    fail_sync(rig, ErrorCode::storage_full);
    EXPECT_THAT(rig.actions<action::HandOverLead>(), IsEmpty());
    EXPECT_THAT(rig.actions<action::RefuseWrites>(), SizeIs(1));
}

TEST(DiskFull, ThatBecomesAFailureAcceptsWritesAgainAndGoesOnWithThat) {
    Rig rig(leading);
    mend(rig, 1'000'000);
    fail_sync(rig, ErrorCode::storage_full);
    rig.run_for(seconds(1));
    fail_sync(rig, ErrorCode::storage_failed);
    EXPECT_EQ(rig.all("diagnosed", "cause"), "storage_full,storage_failing");
    ASSERT_THAT(rig.actions<action::RefuseWrites>(), SizeIs(2));
    EXPECT_FALSE(rig.actions<action::RefuseWrites>()[1].on);
}

TEST(SlowDisk, OfTheLeaderIsHandedOverWhenAPeerIsQuicker) {
    Rig rig(leading);
    mend(rig, 0);
    rig.write(seconds(2), milliseconds(4), milliseconds(2));
    const Instant slow = rig.now;
    rig.write(seconds(2), milliseconds(50), milliseconds(50));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "storage_slow");
    EXPECT_EQ(rig.first("decided", "strategy"), "hand_over");
    EXPECT_LE(rig.at("detected") - slow, milliseconds(400));
    EXPECT_THAT(rig.actions<action::HandOverLead>(), SizeIs(1));
    EXPECT_EQ(rig.first("repaired", "strategy"), "hand_over");
}

TEST(SlowDisk, IsNotHandedOverTwiceInARow) {
    Rig rig(leading);
    mend(rig, 0);
    rig.write(seconds(1), milliseconds(50), milliseconds(50));
    rig.run_for(seconds(2));
    rig.view.role = Role::leader;  // it got the lead back
    rig.view.leader = 2;
    rig.write(seconds(2), milliseconds(50), milliseconds(50));
    EXPECT_EQ(rig.all("decided", "strategy"), "hand_over,observe");
    EXPECT_THAT(rig.actions<action::HandOverLead>(), SizeIs(1));
}

TEST(SlowDisk, IsObservedWhereNobodyIsQuicker) {
    Rig rig(leading);
    for (auto& [id, peer] : rig.peers)
        peer.health.storage_latency = milliseconds(180);
    rig.run_for(milliseconds(100));
    rig.write(seconds(3), milliseconds(200), milliseconds(200));
    EXPECT_EQ(rig.first("diagnosed", "cause"), "storage_slow");
    EXPECT_EQ(rig.first("decided", "strategy"), "observe");
}

TEST(SlowDisk, OfAFollowerIsObserved) {
    Rig rig;
    rig.write(seconds(1), milliseconds(50), milliseconds(50));
    EXPECT_EQ(rig.first("decided", "strategy"), "observe");
}

TEST(SlowDisk, IsNoReasonWhileNobodyWaitsForIt) {
    Rig rig({.self = 2, .leader = 2, .level = Level::medium});
    rig.write(seconds(1), milliseconds(50), milliseconds(50));
    EXPECT_EQ(rig.first("decided", "strategy"), "observe");
}

TEST(SlowDisk, IsNotASingleHiccup) {
    Rig rig(leading);
    rig.write(seconds(1), milliseconds(4), milliseconds(2));
    rig.write(milliseconds(300), milliseconds(150), milliseconds(150));
    rig.write(seconds(1), milliseconds(4), milliseconds(2));
    EXPECT_THAT(rig.events("detected"), IsEmpty());
}

TEST(SlowDisk, IsOverWhenWritesAreQuickAgain) {
    Rig rig;
    rig.write(seconds(1), milliseconds(50), milliseconds(50));
    rig.write(seconds(3), milliseconds(4), milliseconds(2));
    EXPECT_EQ(rig.first("repaired", "strategy"), "observe");
}

TEST(Corruption, OfALeaderIsHandedOverThenResynchronised) {
    Rig rig(leading);
    rig.carry_out = [&rig](const Action& action) {
        if (std::holds_alternative<action::HandOverLead>(action.what)) {
            rig.view.role = Role::follower;
            rig.view.leader = 3;
        }
        if (std::holds_alternative<action::Resynchronise>(action.what)) rig.view.catching_up = true;
        return true;
    };
    rig.signal(signal::Corruption{"segment 7 at byte 4711"});
    EXPECT_EQ(rig.first("diagnosed", "cause"), "corruption");
    EXPECT_EQ(rig.first("diagnosed", "place"), "disk");
    EXPECT_THAT(rig.actions<action::HandOverLead>(), SizeIs(1));
    rig.run_for(seconds(2));
    ASSERT_THAT(rig.actions<action::Resynchronise>(), SizeIs(1));
    EXPECT_THAT(rig.events("repaired"), IsEmpty());
    rig.view.catching_up = false;
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.first("repaired", "strategy"), "resynchronise");
    EXPECT_EQ(rig.first("verified", "ok"), "true");
    EXPECT_EQ(rig.all("alert", "state"), "firing,resolved");
}

TEST(Corruption, MetAgainAndAgainIsOneIncident) {
    Rig rig;
    for (int i = 0; i < 50; ++i)
        rig.signal(signal::Corruption{"segment 7 at byte 4711"});
    EXPECT_THAT(rig.events("detected"), SizeIs(1));
    EXPECT_THAT(rig.events("diagnosed"), SizeIs(1));
}

TEST(Corruption, ThatCannotBeFetchedIsolates) {
    Rig rig;
    rig.carry_out = [](const Action& action) {
        return !std::holds_alternative<action::Resynchronise>(action.what);
    };
    rig.signal(signal::Corruption{"snapshot 12"});
    rig.run_for(seconds(1));
    EXPECT_EQ(rig.all("decided", "strategy"), "resynchronise,resynchronise,isolate_self");
    EXPECT_THAT(rig.actions<action::IsolateSelf>(), SizeIs(1));
}

}  // namespace
}  // namespace ftcore::testing
