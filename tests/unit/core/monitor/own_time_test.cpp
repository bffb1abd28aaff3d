// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/own_time.hpp"

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const OwnTimeSettings usual{.tolerance = milliseconds(4),
                            .catch_up_from = milliseconds(10),
                            .catch_up_max = milliseconds(20)};

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

TEST(OwnTime, IsRealTimeForAPunctualNode) {
    OwnTime time(usual);
    EXPECT_EQ(time.acted(at(milliseconds(14)), at(milliseconds(10))), Duration::zero());
    EXPECT_EQ(time.lived(at(milliseconds(20))), at(milliseconds(20)));
    EXPECT_EQ(time.real(at(milliseconds(30))), at(milliseconds(30)));
}

TEST(OwnTime, StandsStillWhileTheNodeDidNotRunAndAMomentLonger) {
    OwnTime time(usual);
    EXPECT_EQ(time.lived(at({})), at({}));
    EXPECT_EQ(time.acted(at(milliseconds(310)), at(milliseconds(10))), milliseconds(300));
    EXPECT_EQ(time.lived(at(milliseconds(310))), at({}));
    EXPECT_EQ(time.lived(at(milliseconds(330))), at(milliseconds(10)));
    EXPECT_EQ(time.lived(at(milliseconds(340))), at(milliseconds(20)));
    EXPECT_EQ(time.real(at(milliseconds(20))), at(milliseconds(340)));
}

TEST(OwnTime, CountsAGapOnceThoughSeveralTimersTellOfIt) {
    OwnTime time(usual);
    EXPECT_EQ(time.acted(at(milliseconds(100)), at({})), milliseconds(100));
    EXPECT_EQ(time.acted(at(milliseconds(101)), at(milliseconds(20))), milliseconds(1));
    EXPECT_EQ(time.acted(at(milliseconds(101)), at(milliseconds(95))), Duration::zero());
}

TEST(OwnTime, AddsNoRestToAShortGap) {
    OwnTime time(usual);
    EXPECT_EQ(time.acted(at(milliseconds(6)), at({})), milliseconds(6));
    EXPECT_EQ(time.lived(at(milliseconds(10))), at(milliseconds(4)));
}

TEST(OwnTime, NeverGoesBack) {
    OwnTime time(usual);
    EXPECT_EQ(time.lived(at(milliseconds(200))), at(milliseconds(200)));
    time.acted(at(milliseconds(200)), at({}));
    EXPECT_EQ(time.lived(at(milliseconds(201))), at(milliseconds(200)));
    EXPECT_EQ(time.lived(at(milliseconds(420))), at(milliseconds(200)));
    EXPECT_EQ(time.lived(at(milliseconds(425))), at(milliseconds(205)));
}

}  // namespace
}  // namespace ftcore::testing
