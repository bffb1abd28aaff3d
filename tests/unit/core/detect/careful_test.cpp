// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/careful.hpp"

#include <gtest/gtest.h>

#include "targets/core/detect/connection_loss.hpp"
#include "targets/core/detect/phi_accrual.hpp"

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration interval = milliseconds(10);

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

CarefulDetector careful(CarefulSettings settings = {}) {
    return {settings, std::make_unique<PhiAccrualDetector>(PhiSettings{})};
}

Instant feed(CarefulDetector& detector, int beats, Duration every = interval) {
    for (int i = 1; i <= beats; ++i)
        detector.arrived(at(every * i), static_cast<std::uint64_t>(i), every);
    return at(every * beats);
}

TEST(Careful, DoubtsAtTheFloorAndSuspectsWhenConfirmed) {
    CarefulDetector detector = careful();
    EXPECT_EQ(detector.assess(at({})).trust, Trust::unknown);
    const Instant last = feed(detector, 200);
    EXPECT_EQ(detector.assess(last + milliseconds(39)).trust, Trust::trusted);
    EXPECT_EQ(detector.assess(last + milliseconds(40)).trust, Trust::doubted);
    EXPECT_EQ(detector.assess(last + milliseconds(44)).trust, Trust::doubted);
    EXPECT_EQ(detector.assess(last + milliseconds(45)).trust, Trust::suspected);
    EXPECT_EQ(detector.doubt_deadline(), last + milliseconds(40));
    EXPECT_EQ(detector.deadline(), last + milliseconds(45));
}

TEST(Careful, WaitsForFourBeatsOfASlowSender) {
    CarefulDetector detector = careful();
    feed(detector, 200, milliseconds(100));
    EXPECT_EQ(detector.timeout(), milliseconds(400));
}

TEST(Careful, IsWidenedByLagAndNarrowsAgain) {
    CarefulDetector detector = careful();
    feed(detector, 200);
    detector.widen(milliseconds(10));
    EXPECT_EQ(detector.timeout(), milliseconds(40));
    detector.widen(milliseconds(25));
    EXPECT_EQ(detector.timeout(), milliseconds(60));
    detector.widen(seconds(5));
    EXPECT_EQ(detector.timeout(), milliseconds(150));
    detector.widen({});
    EXPECT_EQ(detector.timeout(), milliseconds(40));
}

TEST(Careful, FollowsTheInnerDetectorBetweenFloorAndCeiling) {
    CarefulDetector detector = careful();
    Instant now = at({});
    for (int i = 1; i <= 1000; ++i) {
        now += i % 2 == 0 ? milliseconds(2) : milliseconds(18);
        detector.arrived(now, static_cast<std::uint64_t>(i), interval);
    }
    EXPECT_GT(detector.timeout(), milliseconds(50));
    EXPECT_LT(detector.timeout(), milliseconds(60));
}

TEST(Careful, TakesAnInnerDetectorThatKnowsNoTime) {
    CarefulDetector detector(CarefulSettings{}, std::make_unique<ConnectionLossDetector>());
    const Instant last = feed(detector, 3);
    EXPECT_EQ(detector.deadline(), last + milliseconds(45));
    EXPECT_EQ(detector.name(), "connection_loss");
}

TEST(Careful, ForgetsOnReset) {
    CarefulDetector detector = careful();
    feed(detector, 20);
    detector.reset(at(seconds(1)));
    EXPECT_EQ(detector.assess(at(seconds(9))).trust, Trust::unknown);
    EXPECT_EQ(detector.deadline(), Instant::max());
}

}  // namespace
}  // namespace ftcore::testing
