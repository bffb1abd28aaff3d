// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/windows.hpp"

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

TEST(CountWindow, CountsTheLastSpan) {
    CountWindow window{Duration(seconds(1))};
    for (int i = 0; i < 3000; ++i)
        window.add(at(milliseconds(i)));
    const std::uint64_t count = window.sum(at(milliseconds(2999)));
    EXPECT_GE(count, 900U);
    EXPECT_LE(count, 1000U);
    EXPECT_EQ(window.sum(at(seconds(5))), 0U);
}

TEST(CountWindow, TakesManyAtOnceAndLongPauses) {
    CountWindow window{Duration(seconds(1))};
    window.add(at({}), 7);
    window.add(at(seconds(100'000)), 5);
    EXPECT_EQ(window.sum(at(seconds(100'000))), 5U);
}

TEST(MaximumWindow, KeepsTheLargestOfTheLastSpan) {
    MaximumWindow window{Duration(seconds(5))};
    EXPECT_EQ(window.maximum(at({})), Duration::zero());
    window.record(at({}), milliseconds(30));
    window.record(at(seconds(1)), milliseconds(4));
    EXPECT_EQ(window.maximum(at(seconds(4))), milliseconds(30));
    EXPECT_EQ(window.maximum(at(milliseconds(5600))), milliseconds(4));
    EXPECT_EQ(window.maximum(at(seconds(20))), Duration::zero());
}

}  // namespace
}  // namespace ftcore::testing
