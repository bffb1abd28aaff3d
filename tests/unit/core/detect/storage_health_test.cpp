// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/storage_health.hpp"

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class StorageHealth : public ::testing::Test {
  protected:
    bool write(Duration latency, ErrorCode outcome = ErrorCode::none) {
        now_ += latency;
        storage_.record(now_, {latency, outcome, "fsync"});
        return assess();
    }
    bool assess() {
        return detector_.assess(now_, {.storage = storage_, .ok = ok_, .peers_latency = peers_});
    }
    void writes(int count, Duration latency) {
        for (int i = 0; i < count; ++i)
            write(latency);
    }

    Instant now_{seconds(100)};
    bool ok_ = true;
    Duration peers_{};
    StorageMonitor storage_{Duration(seconds(5))};
    StorageHealthDetector detector_{StorageHealthSettings{}};
};

TEST_F(StorageHealth, IsFineWhileWritesAreQuick) {
    writes(1000, milliseconds(20));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::none);
}

TEST_F(StorageHealth, FailsAtTheFirstFailedSyncAndMendsWithAGoodOne) {
    EXPECT_TRUE(write(milliseconds(2), ErrorCode::storage_failed));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::failing);
    EXPECT_FALSE(assess());
    ok_ = false;
    write(milliseconds(2));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::failing);
    ok_ = true;
    EXPECT_TRUE(assess());
    EXPECT_EQ(detector_.trouble(), StorageTrouble::none);
}

TEST_F(StorageHealth, MendsWhenNothingIsOutstandingAnyMore) {
    write(milliseconds(2), ErrorCode::storage_failed);
    ok_ = false;
    assess();
    ok_ = true;
    EXPECT_TRUE(assess());
    EXPECT_EQ(detector_.trouble(), StorageTrouble::none);
    EXPECT_FALSE(assess());
    EXPECT_TRUE(write(milliseconds(2), ErrorCode::storage_failed));
}

TEST_F(StorageHealth, TellsFullFromFailing) {
    write(milliseconds(2), ErrorCode::storage_full);
    EXPECT_EQ(detector_.trouble(), StorageTrouble::full);
    EXPECT_TRUE(write(milliseconds(2), ErrorCode::storage_failed));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::failing);
}

TEST_F(StorageHealth, IsSlowAboveTheAbsoluteBound) {
    writes(100, milliseconds(2));
    writes(5, milliseconds(120));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::slow);
}

TEST_F(StorageHealth, IsSlowFarAboveThePeers) {
    peers_ = milliseconds(3);
    writes(100, milliseconds(15));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::none);
    writes(10, milliseconds(30));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::slow);
}

TEST_F(StorageHealth, IsNotSlowBelowTheLeastBoundHoweverQuickThePeersAre) {
    peers_ = std::chrono::microseconds(50);
    writes(1000, milliseconds(9));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::none);
}

TEST_F(StorageHealth, RecoversFromSlowAfterAWhile) {
    writes(10, milliseconds(150));
    ASSERT_EQ(detector_.trouble(), StorageTrouble::slow);
    writes(100, milliseconds(2));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::slow);
    writes(600, milliseconds(2));
    EXPECT_EQ(detector_.trouble(), StorageTrouble::none);
}

TEST_F(StorageHealth, HasNothingAgainstADiskNobodyWritesTo) {
    writes(10, milliseconds(150));
    now_ += seconds(2);
    assess();
    now_ += seconds(2);
    EXPECT_TRUE(assess());
    EXPECT_EQ(detector_.trouble(), StorageTrouble::none);
}

}  // namespace
}  // namespace ftcore::testing
