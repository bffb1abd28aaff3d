// SPDX-License-Identifier: Apache-2.0
#include "targets/core/guard/deadline.hpp"

#include <gtest/gtest.h>

namespace ftcore::guard {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

TEST(Deadline, PassesAtItsInstant) {
    const Deadline deadline = Deadline::after(start, 10ms);
    EXPECT_FALSE(deadline.passed(start + 9ms));
    EXPECT_TRUE(deadline.passed(start + 10ms));
    EXPECT_EQ(deadline.left(start + 4ms), 6ms);
    EXPECT_EQ(deadline.left(start + 11ms), 0ms);
}

TEST(Deadline, NeverPassesWhenThereIsNone) {
    EXPECT_FALSE(Deadline::never().passed(start + 87600h));
    EXPECT_EQ(Deadline::after(start, Duration::max()), Deadline::never());
}

TEST(Deadline, IsTheSoonerOfTwo) {
    const Deadline soon = Deadline::at(start + 1s);
    EXPECT_EQ(Deadline::never().sooner(soon), soon);
    EXPECT_EQ(soon.sooner(Deadline::at(start + 2s)), soon);
}

}  // namespace
}  // namespace ftcore::guard
