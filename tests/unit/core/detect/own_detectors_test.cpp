// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "targets/core/detect/error_rate.hpp"
#include "targets/core/detect/integrity.hpp"
#include "targets/core/detect/latency_shift.hpp"
#include "targets/core/detect/overload.hpp"

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

TEST(Hysteresis, BeginsAndEndsAfterItsTimes) {
    Hysteresis state({.on_after = milliseconds(100), .off_after = milliseconds(300)});
    EXPECT_EQ(state.update(at({}), Reading::bad), Change::none);
    EXPECT_EQ(state.deadline(), at(milliseconds(100)));
    EXPECT_EQ(state.update(at(milliseconds(50)), Reading::between), Change::none);
    EXPECT_EQ(state.deadline(), Instant::max());
    EXPECT_EQ(state.update(at(milliseconds(60)), Reading::bad), Change::none);
    EXPECT_EQ(state.update(at(milliseconds(160)), Reading::bad), Change::begins);
    EXPECT_EQ(state.update(at(milliseconds(200)), Reading::good), Change::none);
    EXPECT_EQ(state.update(at(milliseconds(400)), Reading::between), Change::none);
    EXPECT_EQ(state.update(at(milliseconds(450)), Reading::good), Change::none);
    EXPECT_EQ(state.update(at(milliseconds(750)), Reading::good), Change::ends);
    EXPECT_FALSE(state.active());
}

TEST(WilsonLower, AgreesWithTheTable) {
    EXPECT_NEAR(wilson_lower(10, 100, 1.96), 0.0552, 0.0005);
    EXPECT_NEAR(wilson_lower(0, 10, 1.96), 0, 1e-12);
    EXPECT_NEAR(wilson_lower(10, 10, 1.96), 0.7225, 0.0005);
}

TEST(ErrorRate, NeedsProofToBegin) {
    ErrorRateDetector detector{ErrorRateSettings{.share_max = 0.05}};
    EXPECT_EQ(detector.assess(at({}), 10, 10), Change::none);     // too few to tell
    EXPECT_EQ(detector.assess(at({}), 30, 3), Change::none);      // ten per cent, by chance perhaps
    EXPECT_EQ(detector.assess(at({}), 300, 30), Change::begins);  // ten per cent, surely
}

TEST(ErrorRate, EndsOnlyWellBelowItsBound) {
    ErrorRateDetector detector{ErrorRateSettings{.share_max = 0.05, .off_after = seconds(1)}};
    ASSERT_EQ(detector.assess(at({}), 300, 100), Change::begins);
    EXPECT_EQ(detector.assess(at(seconds(5)), 1000, 40), Change::none);
    EXPECT_EQ(detector.assess(at(seconds(9)), 1000, 40), Change::none);
    EXPECT_EQ(detector.assess(at(seconds(10)), 1000, 1), Change::none);
    EXPECT_EQ(detector.assess(at(seconds(11)), 1000, 0), Change::ends);
}

/// Half a minute of medians around 1 ms.
Instant learn(LatencyShiftDetector& detector) {
    Instant now = at({});
    for (int i = 0; i < 60; ++i) {
        now += milliseconds(500);
        EXPECT_EQ(detector.assess(now, std::chrono::microseconds(1000 + i % 7 * 20), 500),
                  Change::none);
    }
    return now;
}

TEST(LatencyShift, KnowsWhatIsUsualAndCallsLittleUnusual) {
    LatencyShiftDetector detector{LatencyShiftSettings{}};
    EXPECT_EQ(detector.bound(), Duration::max());
    Instant now = learn(detector);
    EXPECT_NEAR(faultline::milliseconds_of(detector.usual()), 1.06, 0.05);
    EXPECT_GE(detector.bound(), milliseconds(5));
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(detector.assess(now += milliseconds(100), milliseconds(4), 500), Change::none);
}

TEST(LatencyShift, BeginsWhenItLastsAndLearnsNothingFromIt) {
    LatencyShiftDetector detector{LatencyShiftSettings{}};
    Instant now = learn(detector);
    const Duration bound = detector.bound();
    int begins = 0;
    for (int i = 0; i < 50; ++i) {
        if (detector.assess(now += milliseconds(100), milliseconds(30), 500) == Change::begins)
            ++begins;
    }
    EXPECT_EQ(begins, 1);
    EXPECT_EQ(detector.bound(), bound);
    int ends = 0;
    for (int i = 0; i < 20; ++i) {
        if (detector.assess(now += milliseconds(100), milliseconds(1), 500) == Change::ends) ++ends;
    }
    EXPECT_EQ(ends, 1);
}

TEST(LatencyShift, IgnoresOneOutlierAndThinSamples) {
    LatencyShiftDetector detector{LatencyShiftSettings{}};
    Instant now = learn(detector);
    EXPECT_EQ(detector.assess(now += milliseconds(100), seconds(2), 500), Change::none);
    EXPECT_EQ(detector.assess(now += milliseconds(100), milliseconds(1), 500), Change::none);
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(detector.assess(now += milliseconds(100), seconds(2), 3), Change::none);
}

TEST(LatencyShift, AdoptsWhatHasLastedForAMinute) {
    LatencyShiftDetector detector{LatencyShiftSettings{}};
    Instant now = learn(detector);
    bool ended = false;
    for (int i = 0; i < 700; ++i)
        ended |= detector.assess(now += milliseconds(100), milliseconds(30), 500) == Change::ends;
    EXPECT_TRUE(ended);
    EXPECT_EQ(detector.usual(), milliseconds(30));
}

TEST(Overload, IsALongQueueThatWaits) {
    OverloadDetector detector{OverloadSettings{}};
    EXPECT_EQ(detector.assess(at({}), 5000, milliseconds(5)), Change::none);
    EXPECT_EQ(detector.assess(at(seconds(1)), 5000, milliseconds(500)), Change::none);
    EXPECT_EQ(detector.assess(at(milliseconds(1100)), 5000, milliseconds(500)), Change::begins);
    EXPECT_EQ(detector.assess(at(seconds(2)), 500, milliseconds(500)), Change::none);
    EXPECT_EQ(detector.assess(at(seconds(3)), 100, milliseconds(500)), Change::none);
    EXPECT_EQ(detector.assess(at(seconds(4)), 100, milliseconds(500)), Change::ends);
}

TEST(Integrity, TellsEachPlaceOnceInAWhile) {
    IntegrityDetector detector{Duration(seconds(10))};
    EXPECT_TRUE(detector.found(at({}), "segment 3"));
    EXPECT_FALSE(detector.found(at(seconds(1)), "segment 3"));
    EXPECT_TRUE(detector.found(at(seconds(1)), "segment 4"));
    EXPECT_TRUE(detector.found(at(seconds(11)), "segment 3"));
    EXPECT_EQ(detector.count(), 4U);
}

TEST(Integrity, KeepsNoMorePlacesThanItsBound) {
    IntegrityDetector detector;
    for (std::size_t i = 0; i < IntegrityDetector::places_max; ++i)
        EXPECT_TRUE(detector.found(at({}), std::to_string(i)));
    int news = 0;
    for (int i = 0; i < 100; ++i)
        news += detector.found(at({}), "more " + std::to_string(i)) ? 1 : 0;
    EXPECT_LE(news, 1);
}

}  // namespace
}  // namespace ftcore::testing
