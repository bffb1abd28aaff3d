// SPDX-License-Identifier: Apache-2.0
// The kinds that hold everything, or only the end: stall, slow_close, and those of Toxiproxy alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/inject/link/kinds/noop.hpp"
#include "harness/inject/link/kinds/reset_peer.hpp"
#include "harness/inject/link/kinds/slow_close.hpp"
#include "harness/inject/link/kinds/stall.hpp"
#include "harness/inject/link/kinds/timeout.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

// ---- link.stall

TEST(LinkStall, HoldsEverythingAndPassesItOnInOrder) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*make_stall({}), tally);
    connection.push(Way::up, "ab");
    connection.run_until(milliseconds(10));
    connection.push(Way::up, "c");
    connection.finish(Way::up);
    connection.push(Way::down, "d");
    connection.run_until(hours(1));
    EXPECT_EQ(connection.out(Way::up).bytes(), "");
    EXPECT_EQ(connection.out(Way::down).bytes(), "");
    EXPECT_EQ(connection.held(Way::up), 3U);
    EXPECT_TRUE(link_stall().proven(tally));
    EXPECT_EQ(link_stall().account(tally), "4 chunks (4 B) held, none has gone on");
    connection.detach(0);
    EXPECT_EQ(connection.out(Way::up).bytes(), "abc");
    EXPECT_EQ(connection.out(Way::up).finished, connection.start() + hours(1));
    EXPECT_EQ(connection.out(Way::down).bytes(), "d");
    EXPECT_FALSE(connection.out(Way::down).finished);
}

TEST(LinkStall, StopsASenderThatSendsOn) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*make_stall({}), tally);
    for (int i = 0; i < 16; ++i)
        connection.push(Way::up, std::string(64 << 10, 'x'));
    EXPECT_FALSE(connection.accepts(Way::up));
    EXPECT_TRUE(connection.accepts(Way::down));
}

TEST(LinkStall, LeavesThoseWhoConnectWaitingWhereBothWaysAreHeld) {
    const auto of = [](const std::string& fresh, const std::string& direction) {
        return made_by(link_stall(), {{"new", fresh}, {"direction", direction}})->door();
    };
    EXPECT_EQ(of("silent", "both"), Door::silent);
    EXPECT_EQ(of("through", "both"), Door::open);
    EXPECT_EQ(of("silent", "upstream"), Door::open);
    EXPECT_EQ(of("silent", "downstream"), Door::open);
    Tally tally;
    EXPECT_FALSE(link_stall().proven(tally));
    tally.silent.add();
    EXPECT_TRUE(link_stall().proven(tally));
}

TEST(LinkStall, LeavesTheOtherWayAlone) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*made_by(link_stall(), {{"direction", std::string("upstream")}}), tally);
    connection.push(Way::up, "a");
    connection.push(Way::down, "b");
    EXPECT_EQ(connection.out(Way::up).bytes(), "");
    EXPECT_EQ(connection.out(Way::down).bytes(), "b");
}

// ---- link.slow_close

TEST(LinkSlowClose, HoldsOnlyTheEnd) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_slow_close({.delay = milliseconds(100)}), tally);
    connection.push(Way::up, "a");
    EXPECT_EQ(connection.out(Way::up).bytes(), "a");
    EXPECT_FALSE(link_slow_close().proven(tally));
    connection.run_until(milliseconds(50));
    connection.finish(Way::up);
    connection.run_until(milliseconds(149));
    EXPECT_FALSE(connection.out(Way::up).finished);
    EXPECT_TRUE(link_slow_close().proven(tally));
    EXPECT_EQ(link_slow_close().account(tally), "1 end of stream held back");
    connection.run_until(milliseconds(200));
    EXPECT_EQ(connection.out(Way::up).finished, connection.start() + milliseconds(150));
    EXPECT_EQ(link_slow_close().account(tally), "1 end of stream held back by 100 ms on average");
}

TEST(LinkSlowClose, PassesTheEndOnWhenItIsTakenAway) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*made_by(link_slow_close(), {{"delay", Duration(hours(1))}}), tally);
    connection.finish(Way::down);
    connection.run_until(seconds(1));
    EXPECT_FALSE(connection.out(Way::down).finished);
    connection.detach(0);
    EXPECT_EQ(connection.out(Way::down).finished, connection.start() + seconds(1));
}

TEST(LinkSlowCloseRow, RefusesDelaysOutsideItsRange) {
    EXPECT_THAT(refusal(link_slow_close(), {{"delay", Duration(hours(2))}}),
                HasSubstr("between 0s and 3600s"));
    EXPECT_THAT(refusal(link_slow_close(), {{"delay", Duration(-1)}}), HasSubstr("\"delay\""));
}

// ---- timeout

TEST(LinkTimeout, ClosesABusyConnectionAtItsTime) {
    Tally tally;
    VirtualConnection connection;
    connection.run_until(milliseconds(3));
    connection.attach(**make_timeout({.timeout = milliseconds(500)}), tally);
    for (int i = 0; i < 100; ++i) {
        connection.push(Way::up, "x");
        connection.push(Way::down, "x");
        connection.run_until(connection.time() + milliseconds(10));
    }
    EXPECT_EQ(connection.closed_at(), milliseconds(503));
    EXPECT_EQ(connection.out(Way::up).bytes(), "");
    EXPECT_EQ(connection.out(Way::down).bytes(), "");
    EXPECT_EQ(tally.closes.get(), 1U);
}

TEST(LinkTimeout, ClosesAnIdleConnectionToo) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_timeout({.timeout = milliseconds(500), .ways = {.up = false}}), tally);
    connection.run_until(seconds(1));
    EXPECT_EQ(connection.closed_at(), milliseconds(500));
}

TEST(LinkTimeout, OfZeroClosesOnlyWhenItIsRemoved) {
    Tally tally;
    VirtualConnection connection;
    const auto effect = *make_timeout({});
    connection.attach(*effect, tally);
    connection.push(Way::up, "x");
    connection.run_until(hours(10));
    EXPECT_FALSE(connection.closed_at());
    EXPECT_EQ(connection.out(Way::up).bytes(), "");
    EXPECT_TRUE(connection.accepts(Way::up));
    EXPECT_EQ(effect->when_removed(), OpenConnections::close);
}

TEST(LinkTimeout, RefusesTimesOutsideItsRange) {
    EXPECT_FALSE(make_timeout({.timeout = Duration::max()}));
    EXPECT_FALSE(make_timeout({.timeout = Duration(-1)}));
}

// ---- reset_peer

TEST(LinkResetPeer, ResetsAtItsTimeWithoutAnyTraffic) {
    for (const int timeout : {0, 1, 500}) {
        Tally tally;
        VirtualConnection connection;
        connection.run_until(milliseconds(3));
        connection.attach(**make_reset_peer({.timeout = milliseconds(timeout)}), tally);
        connection.run_until(seconds(1));
        EXPECT_EQ(connection.reset_at(), milliseconds(3 + timeout));
        EXPECT_EQ(tally.resets.get(), 1U);
    }
}

TEST(LinkResetPeer, LetsNothingPassUntilThenAndAllOnceItIsTakenAway) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_reset_peer({.timeout = seconds(1), .ways = {.up = false}}), tally);
    connection.push(Way::down, "ab");
    connection.push(Way::up, "c");
    connection.finish(Way::down);
    connection.run_until(milliseconds(999));
    EXPECT_EQ(connection.out(Way::down).bytes(), "");
    EXPECT_EQ(connection.out(Way::up).bytes(), "c");
    connection.detach(0);
    EXPECT_EQ(connection.out(Way::down).bytes(), "ab");
    EXPECT_TRUE(connection.out(Way::down).finished);
    connection.run_until(seconds(10));
    EXPECT_FALSE(connection.reset_at());
}

TEST(LinkResetPeer, RefusesTimesOutsideItsRange) {
    EXPECT_FALSE(make_reset_peer({.timeout = Duration::max()}));
    EXPECT_FALSE(make_reset_peer({.timeout = Duration(-1)}));
}

// ---- noop

TEST(LinkNoop, TouchesNothing) {
    Tally tally;
    const auto stages = make_noop()->attach(Random(1), tally);
    EXPECT_EQ(stages.up, nullptr);
    EXPECT_EQ(stages.down, nullptr);
}

}  // namespace
}  // namespace faultline::link
