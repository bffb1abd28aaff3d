// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

Monitor watching_two() {
    return Monitor(MonitorSettings{}, {{2}, {3}});
}

TEST(Monitor, KeepsWhatItSawOfEachPeer) {
    Monitor monitor = watching_two();
    EXPECT_FALSE(monitor.peer(2)->known());
    monitor.record(at({}), signal::Connected{2, 77});
    monitor.record(at(milliseconds(10)), signal::Beat{2, 1, milliseconds(10), {.serving = true}});
    monitor.record(at(milliseconds(20)), signal::ConnectionLost{2});
    monitor.record(at(milliseconds(21)), signal::ConnectRefused{2});
    const PeerFacts& peer = *monitor.peer(2);
    EXPECT_TRUE(peer.known());
    EXPECT_FALSE(peer.connected);
    EXPECT_EQ(peer.incarnation, 77U);
    EXPECT_EQ(peer.last_sign(), at(milliseconds(10)));
    EXPECT_EQ(peer.refused_at, at(milliseconds(21)));
    EXPECT_TRUE(peer.health.serving);
    EXPECT_FALSE(monitor.peer(3)->known());
    EXPECT_EQ(monitor.peer(9), nullptr);
}

TEST(Monitor, NoticesAnotherIncarnation) {
    Monitor monitor = watching_two();
    monitor.record(at({}), signal::Connected{2, 77});
    monitor.record(at(milliseconds(1)), signal::Connected{2, 77});
    EXPECT_FALSE(monitor.peer(2)->restarted_at.has_value());
    monitor.record(at(milliseconds(2)), signal::Connected{2, 78});
    EXPECT_EQ(monitor.peer(2)->restarted_at, at(milliseconds(2)));
    EXPECT_EQ(monitor.peer(2)->previous_incarnation, 77U);
}

TEST(Monitor, IgnoresStrangers) {
    Monitor monitor = watching_two();
    monitor.record(at({}), signal::Beat{9, 1, milliseconds(10), {}});
    EXPECT_EQ(monitor.peers().size(), 2U);
}

TEST(OperationMonitor, CountsFailuresOfTheServiceOnly) {
    Monitor monitor = watching_two();
    for (const ErrorCode code : {ErrorCode::none,
                                 ErrorCode::bad_request,
                                 ErrorCode::not_primary,
                                 ErrorCode::overloaded,
                                 ErrorCode::internal,
                                 ErrorCode::deadline_exceeded,
                                 ErrorCode::outcome_unknown}) {
        monitor.record(at({}), signal::Operation{milliseconds(1), code});
    }
    EXPECT_EQ(monitor.operations().total(at({})), 7U);
    EXPECT_EQ(monitor.operations().failed(at({})), 3U);
    EXPECT_EQ(monitor.operations().latency().count(at({})), 2U);
}

TEST(OperationMonitor, KnowsTheMostFrequentFailure) {
    Monitor monitor = watching_two();
    EXPECT_FALSE(monitor.operations().most_frequent_failure(at({})).has_value());
    monitor.record(at({}), signal::Operation{milliseconds(1), ErrorCode::internal});
    for (int i = 0; i < 3; ++i)
        monitor.record(at({}), signal::Operation{milliseconds(1), ErrorCode::storage_failed});
    EXPECT_EQ(monitor.operations().most_frequent_failure(at({})), ErrorCode::storage_failed);
}

TEST(StorageMonitor, ShowsASlowDiskInItsLastWritesLongBeforeTheDistributionDoes) {
    StorageMonitor storage{Duration(seconds(5))};
    Instant now = at({});
    for (int i = 0; i < 1000; ++i)
        storage.record(now += milliseconds(2), {milliseconds(2), ErrorCode::none, ""});
    for (int i = 0; i < 6; ++i)
        storage.record(now += milliseconds(80), {milliseconds(80), ErrorCode::none, ""});
    EXPECT_LT(storage.p99(now), milliseconds(3));
    const auto recent = storage.recent(milliseconds(50));
    EXPECT_EQ(recent.count, 6U);
    EXPECT_EQ(recent.slower, 6U);
    EXPECT_EQ(recent.median, milliseconds(80));
    EXPECT_EQ(recent.within, milliseconds(480));
}

TEST(StorageMonitor, KeepsTheLastFailure) {
    StorageMonitor storage{Duration(seconds(5))};
    storage.record(at({}), {milliseconds(1), ErrorCode::storage_full, "no space"});
    storage.record(at({}), {milliseconds(1), ErrorCode::none, ""});
    EXPECT_EQ(storage.last_outcome(), ErrorCode::none);
    EXPECT_EQ(storage.last_failure(), "no space");
    EXPECT_EQ(storage.failures(), 1U);
}

TEST(Monitor, TakesLagForAGapInItsOwnTime) {
    Monitor monitor = watching_two();
    monitor.record(at(milliseconds(50)), signal::LoopLag{milliseconds(30)});
    EXPECT_EQ(monitor.loop_lag(at(milliseconds(50))), milliseconds(30));
    EXPECT_EQ(monitor.take_gap(), milliseconds(30));
    EXPECT_EQ(monitor.take_gap(), Duration::zero());
    EXPECT_EQ(monitor.own_time().lived(at(milliseconds(100))), at(milliseconds(50)));
}

}  // namespace
}  // namespace ftcore::testing
