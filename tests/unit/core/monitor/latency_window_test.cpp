// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/latency_window.hpp"

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

TEST(LatencyWindow, PutsEveryValueBelowTheEdgeOfItsBucketAndAboveTheOneBefore) {
    std::size_t last = 0;
    for (std::int64_t value = 0; value < 3'000'000'000'000; value += 1 + value / 37) {
        const std::size_t bucket = LatencyWindow::bucket_of(Duration(value));
        ASSERT_LT(bucket, LatencyWindow::buckets);
        ASSERT_GE(bucket, last);
        ASSERT_LT(Duration(value), LatencyWindow::upper_edge(bucket));
        if (bucket > 0) {
            ASSERT_GE(Duration(value), LatencyWindow::upper_edge(bucket - 1));
        }
        last = bucket;
    }
    EXPECT_GT(last, 450U);
}

TEST(LatencyWindow, TakesAnything) {
    EXPECT_EQ(LatencyWindow::bucket_of(Duration(-5)), 0U);
    EXPECT_EQ(LatencyWindow::bucket_of(Duration::max()), LatencyWindow::buckets - 1);
}

TEST(LatencyWindow, AnswersQuantilesWithinASixteenth) {
    LatencyWindow window{Duration(seconds(5))};
    for (int i = 1; i <= 1000; ++i)
        window.record(at({}), microseconds(10 * i));
    for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
        const double exact = share * 10e6;
        const auto answer = static_cast<double>(window.quantile(at({}), share).count());
        EXPECT_GE(answer, exact);
        EXPECT_LE(answer, exact * 17 / 16 + 20'000);
    }
    EXPECT_EQ(window.count(at({})), 1000U);
}

TEST(LatencyWindow, SaysZeroWhenEmpty) {
    LatencyWindow window{Duration(seconds(5))};
    EXPECT_EQ(window.quantile(at({}), 0.99), Duration::zero());
}

TEST(LatencyWindow, ForgetsWhatIsOlderThanItsSpan) {
    LatencyWindow window{Duration(seconds(5))};
    window.record(at({}), milliseconds(100));
    window.record(at(seconds(3)), milliseconds(1));
    EXPECT_GE(window.quantile(at(seconds(4)), 1), milliseconds(100));
    EXPECT_LT(window.quantile(at(seconds(6)), 1), milliseconds(2));
    EXPECT_EQ(window.count(at(seconds(6))), 1U);
    EXPECT_EQ(window.count(at(seconds(3600))), 0U);
}

}  // namespace
}  // namespace ftcore::testing
