// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/chen.hpp"

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration interval = milliseconds(10);

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

ChenDetector with_margin_5ms(std::size_t window) {
    return ChenDetector(ChenSettings{.safety_margin = milliseconds(5), .window = window});
}

TEST(Chen, ExpectsTheNextBeatWhereTheAverageOfTheShiftedOnesIs) {
    ChenDetector detector = with_margin_5ms(3);
    detector.arrived(at(milliseconds(10)), 1, interval);
    EXPECT_EQ(detector.deadline(), at(milliseconds(20 + 5)));
    detector.arrived(at(milliseconds(23)), 2, interval);
    detector.arrived(at(milliseconds(33)), 3, interval);
    // Shifted back by their numbers they came at 10, 13 and 13: 12 on average.
    EXPECT_EQ(detector.deadline(), at(milliseconds(12 + 30 + 5)));
    detector.arrived(at(milliseconds(43)), 4, interval);
    EXPECT_EQ(detector.deadline(), at(milliseconds(13 + 40 + 5)));
}

TEST(Chen, IsNotPutOffByALateBeat) {
    ChenDetector detector = with_margin_5ms(100);
    for (int i = 1; i <= 100; ++i)
        detector.arrived(at(interval * i), static_cast<std::uint64_t>(i), interval);
    detector.arrived(at(milliseconds(1010 + 4)), 101, interval);
    EXPECT_LT(detector.deadline(), at(milliseconds(1020 + 5 + 1)));
}

TEST(Chen, TakesALostBeatForWhatItIs) {
    ChenDetector detector = with_margin_5ms(100);
    for (int i = 1; i <= 50; ++i) {
        if (i % 5 == 0) continue;
        detector.arrived(at(interval * i), static_cast<std::uint64_t>(i), interval);
    }
    EXPECT_EQ(detector.deadline(), at(milliseconds(500 + 5)));
}

TEST(Chen, IgnoresTheSameBeatTwice) {
    ChenDetector detector = with_margin_5ms(10);
    detector.arrived(at(milliseconds(10)), 1, interval);
    const Instant deadline = detector.deadline();
    detector.arrived(at(milliseconds(19)), 1, interval);
    EXPECT_EQ(detector.deadline(), deadline);
}

TEST(Chen, BeginsAnewWithAnotherInterval) {
    ChenDetector detector = with_margin_5ms(10);
    for (int i = 1; i <= 10; ++i)
        detector.arrived(at(interval * i), static_cast<std::uint64_t>(i), interval);
    detector.arrived(at(milliseconds(110)), 11, milliseconds(100));
    EXPECT_EQ(detector.deadline(), at(milliseconds(110 + 100 + 5)));
}

TEST(Chen, SuspectsNobodyAfterAReset) {
    ChenDetector detector = with_margin_5ms(10);
    detector.arrived(at({}), 1, interval);
    detector.reset(at({}));
    EXPECT_EQ(detector.assess(at(seconds(5))).trust, Trust::unknown);
    EXPECT_EQ(detector.deadline(), Instant::max());
}

}  // namespace
}  // namespace ftcore::testing
