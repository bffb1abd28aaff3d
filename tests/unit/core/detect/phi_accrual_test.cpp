// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/phi_accrual.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration interval = milliseconds(10);

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

/// Beats alternately 8 and 12 ms apart: mean 10 ms, deviation 2 ms.
Instant feed_alternating(PhiAccrualDetector& detector, int beats) {
    Instant now = at({});
    for (int i = 1; i <= beats; ++i) {
        now += i % 2 == 0 ? milliseconds(8) : milliseconds(12);
        detector.arrived(now, static_cast<std::uint64_t>(i), interval);
    }
    return now;
}

TEST(PhiAccrual, LearnsMeanAndDeviation) {
    PhiAccrualDetector detector{PhiSettings{}};
    feed_alternating(detector, 501);
    EXPECT_NEAR(detector.mean(), 0.010, 1e-5);
    EXPECT_NEAR(detector.deviation(), 0.002, 1e-5);
}

TEST(PhiAccrual, GrowsWithSilenceAsTheNormalTailSays) {
    PhiAccrualDetector detector{PhiSettings{}};
    const Instant last = feed_alternating(detector, 501);
    // One, two and three deviations: tails of 0.1587, 0.02275 and 0.00135.
    EXPECT_NEAR(detector.assess(last + milliseconds(12)).level, -std::log10(0.1587), 0.02);
    EXPECT_NEAR(detector.assess(last + milliseconds(14)).level, -std::log10(0.02275), 0.02);
    EXPECT_NEAR(detector.assess(last + milliseconds(16)).level, -std::log10(0.00135), 0.02);
}

TEST(PhiAccrual, ReachesItsThresholdAtItsDeadline) {
    for (const double threshold : {1.0, 3.0, 8.0, 16.0}) {
        PhiAccrualDetector detector{PhiSettings{.threshold = threshold}};
        feed_alternating(detector, 501);
        EXPECT_NEAR(detector.assess(detector.deadline()).level, threshold, 0.01);
        EXPECT_EQ(detector.assess(detector.deadline()).trust, Trust::suspected);
        EXPECT_EQ(detector.assess(detector.deadline() - microseconds(1)).trust, Trust::trusted);
    }
}

TEST(PhiAccrual, UsesTheIntervalBeforeItHasLearnt) {
    PhiAccrualDetector detector{PhiSettings{}};
    EXPECT_EQ(detector.assess(at({})).trust, Trust::unknown);
    detector.arrived(at({}), 1, interval);
    EXPECT_DOUBLE_EQ(detector.mean(), 0.010);
    EXPECT_DOUBLE_EQ(detector.deviation(), 0.005);
    EXPECT_GT(detector.deadline(), at(milliseconds(30)));
}

TEST(PhiAccrual, ForgetsOldSpans) {
    PhiAccrualDetector detector{PhiSettings{.window = 50}};
    const Instant now = feed_alternating(detector, 200);
    for (int i = 1; i <= 60; ++i)
        detector.arrived(now + interval * i, static_cast<std::uint64_t>(200 + i), interval);
    EXPECT_NEAR(detector.deviation(), 0.0005, 1e-9);  // the least there is
}

TEST(PhiAccrual, IsNotBlindedByOneLongPause) {
    PhiAccrualDetector detector{PhiSettings{}};
    const Instant now = feed_alternating(detector, 999) + seconds(60);
    detector.arrived(now, 1000, interval);
    EXPECT_LT(detector.deadline() - now, milliseconds(150));
}

TEST(PhiAccrual, LearnsAnewForAnotherInterval) {
    PhiAccrualDetector detector{PhiSettings{}};
    const Instant now = feed_alternating(detector, 501);
    detector.arrived(now + milliseconds(100), 502, milliseconds(100));
    EXPECT_DOUBLE_EQ(detector.mean(), 0.100);
}

}  // namespace
}  // namespace ftcore::testing
