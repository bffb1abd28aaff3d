// SPDX-License-Identifier: Apache-2.0
#include "targets/core/pipeline/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Outbox, NumbersActionsAndGivesThemOutOnce) {
    Outbox outbox({});
    EXPECT_EQ(outbox.act(action::RotateLog{}), 1U);
    EXPECT_EQ(outbox.act(action::Resynchronise{}), 2U);
    EXPECT_THAT(outbox.take_actions(), SizeIs(2));
    EXPECT_THAT(outbox.take_actions(), IsEmpty());
    EXPECT_EQ(outbox.act(action::RotateLog{}), 3U);
}

TEST(Outbox, NamesNodes) {
    const Outbox outbox({{1, "kv[0]"}});
    EXPECT_EQ(outbox.name(1), "kv[0]");
    EXPECT_EQ(outbox.name(7), "node 7");
}

TEST(Outbox, KeepsNoMoreEventsThanItsBound) {
    Outbox outbox({});
    for (std::size_t i = 0; i < Outbox::events_max + 10; ++i)
        outbox.emit({}, std::to_string(i), {});
    const auto events = outbox.take_events();
    ASSERT_THAT(events, SizeIs(Outbox::events_max));
    EXPECT_EQ(events.front().name, "10");
}

}  // namespace
}  // namespace ftcore::testing
