// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "targets/core/detect/connection_loss.hpp"
#include "targets/core/detect/fixed_timeout.hpp"

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

TEST(ConnectionLoss, SuspectsWhenTheConnectionBreaksAndTrustsWhatArrives) {
    ConnectionLossDetector detector;
    EXPECT_EQ(detector.assess(at({})).trust, Trust::unknown);
    detector.arrived(at({}), 1, milliseconds(10));
    EXPECT_EQ(detector.assess(at(seconds(100))).trust, Trust::trusted);
    detector.lost(at(seconds(101)));
    EXPECT_EQ(detector.assess(at(seconds(101))).trust, Trust::suspected);
    detector.arrived(at(seconds(102)), 2, milliseconds(10));
    EXPECT_EQ(detector.assess(at(seconds(102))).trust, Trust::trusted);
    EXPECT_EQ(detector.deadline(), Instant::max());
    detector.reset(at(seconds(103)));
    EXPECT_EQ(detector.assess(at(seconds(103))).trust, Trust::unknown);
}

TEST(FixedTimeout, SuspectsAtItsDeadlineNotBefore) {
    FixedTimeoutDetector detector{Duration(milliseconds(50))};
    EXPECT_EQ(detector.deadline(), Instant::max());
    detector.arrived(at(milliseconds(7)), 1, milliseconds(10));
    EXPECT_EQ(detector.deadline(), at(milliseconds(57)));
    EXPECT_EQ(detector.assess(at(milliseconds(57)) - Duration(1)).trust, Trust::trusted);
    EXPECT_EQ(detector.assess(at(milliseconds(57))).trust, Trust::suspected);
    EXPECT_DOUBLE_EQ(detector.assess(at(milliseconds(32))).level, 0.5);
}

TEST(FixedTimeout, ForgetsOnReset) {
    FixedTimeoutDetector detector{Duration(milliseconds(50))};
    detector.arrived(at({}), 1, milliseconds(10));
    detector.reset(at({}));
    EXPECT_EQ(detector.assess(at(seconds(9))).trust, Trust::unknown);
}

}  // namespace
}  // namespace ftcore::testing
