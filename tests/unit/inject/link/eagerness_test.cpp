// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/eagerness.hpp"

#include <array>

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

constexpr Duration soon = Eagerness::window / 2;
constexpr Duration late = Eagerness::window * 2;

/// Events on `sockets` in turn, each after `wait`.
void talk(Eagerness& eagerness, std::size_t sockets, Duration wait, int events) {
    static constexpr std::array<int, 64> places{};
    for (int event = 0; event < events; ++event) {
        eagerness.waited(wait);
        eagerness.heard(&places[static_cast<std::size_t>(event) % sockets]);
    }
}

TEST(Eagerness, SleepsAtFirst) {
    EXPECT_FALSE(Eagerness().polls());
}

TEST(Eagerness, PollsWhileOneConversationGoesOnQuickly) {
    Eagerness eagerness;
    talk(eagerness, 2, soon, 100);
    EXPECT_TRUE(eagerness.polls());
}

TEST(Eagerness, SleepsWhenAnswersTakeTheirTime) {
    Eagerness eagerness;
    talk(eagerness, 2, soon, 100);
    eagerness.waited(late);
    EXPECT_FALSE(eagerness.polls());
    talk(eagerness, 2, soon, 5);
    EXPECT_FALSE(eagerness.polls());
    talk(eagerness, 2, soon, 50);
    EXPECT_TRUE(eagerness.polls());
}

TEST(Eagerness, SleepsAmongManyConversations) {
    Eagerness eagerness;
    talk(eagerness, 20, soon, 500);
    EXPECT_FALSE(eagerness.polls());
}

TEST(Eagerness, SleepsWhileMuchIsMoved) {
    Eagerness eagerness;
    talk(eagerness, 2, soon, 100);
    eagerness.heard_bulk();
    EXPECT_FALSE(eagerness.polls());
}

}  // namespace
}  // namespace faultline::link
