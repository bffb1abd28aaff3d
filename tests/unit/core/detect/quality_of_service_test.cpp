// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/core/detect/traces.hpp"

// The figures themselves are printed by tests/bench/detector_table; here is what must always hold.

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;

constexpr Duration interval = milliseconds(10);

QualityOfService quality(std::size_t candidate, Trace kind) {
    Random random(11);
    const auto trace = make_trace(kind, 60'000, interval, random);
    const auto detector = candidates()[candidate].make();
    return measure(*detector, trace, interval, random);
}

TEST(Traces, AreTheSameForTheSameSeed) {
    for (const Trace kind : all_traces()) {
        Random first(5);
        Random second(5);
        Random other(6);
        const auto trace = make_trace(kind, 1000, interval, first);
        const auto same = make_trace(kind, 1000, interval, second);
        const auto different = make_trace(kind, 1000, interval, other);
        ASSERT_EQ(trace.size(), same.size());
        for (std::size_t i = 0; i < trace.size(); ++i)
            ASSERT_EQ(trace[i].at, same[i].at);
        EXPECT_NE(trace.back().at, different.back().at);
    }
}

TEST(Detectors, MakeNoMistakeOnASteadyTrace) {
    for (std::size_t i = 0; i < candidates().size(); ++i)
        EXPECT_EQ(quality(i, Trace::steady).mistakes, 0U) << candidates()[i].name;
}

TEST(Detectors, AreAllQuickOnASteadyTrace) {
    for (std::size_t i = 0; i < candidates().size(); ++i)
        EXPECT_LE(quality(i, Trace::steady).detection_p99, milliseconds(55))
            << candidates()[i].name;
}

TEST(CarefulDetector, MakesNoMistakeOnABusyMachine) {
    EXPECT_EQ(quality(4, Trace::busy).mistakes, 0U);
    EXPECT_GT(quality(3, Trace::busy).detection_p99, milliseconds(30));
}

TEST(CarefulDetector, MakesFewerMistakesThanAnyOtherOnHeavyTails) {
    const double careful = quality(4, Trace::bursty).mistakes_per_hour;
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_LE(careful, quality(i, Trace::bursty).mistakes_per_hour) << candidates()[i].name;
}

TEST(PhiAccrual, IsTheQuickestOnASteadyTraceAndNervousOnHeavyTails) {
    EXPECT_LE(quality(3, Trace::steady).detection_median, milliseconds(15));
    EXPECT_GT(quality(3, Trace::bursty).mistakes, 0U);
}

}  // namespace
}  // namespace ftcore::testing
