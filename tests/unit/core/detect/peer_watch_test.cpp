// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/peer_watch.hpp"

#include <gtest/gtest.h>

#include "targets/core/detect/phi_accrual.hpp"

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

PeerWatch watch() {
    return {CarefulSettings{}, std::make_unique<PhiAccrualDetector>(PhiSettings{})};
}

void beat(PeerWatch& watch, Instant now, std::uint64_t sequence) {
    watch.beat(now, {.peer = 2, .sequence = sequence, .interval = milliseconds(10)}, {});
}

TEST(PeerWatch, KnowsNobodyBeforeTheFirstBeat) {
    PeerWatch peer = watch();
    peer.connection_lost(at({}));
    peer.refused(at({}));
    const PeerWatch::News news = peer.assess(at(seconds(9)));
    EXPECT_FALSE(news.lost.has_value());
    EXPECT_FALSE(news.ask);
    EXPECT_EQ(peer.trust(), Trust::unknown);
    EXPECT_EQ(peer.deadline(), Instant::max());
}

TEST(PeerWatch, AsksWhenItDoubtsThenSuspects) {
    PeerWatch peer = watch();
    beat(peer, at({}), 1);
    EXPECT_FALSE(peer.assess(at({})).ask);
    const Instant doubt = peer.deadline();
    EXPECT_TRUE(peer.assess(doubt).ask);
    EXPECT_EQ(peer.trust(), Trust::doubted);
    EXPECT_FALSE(peer.assess(doubt).ask);
    const Instant accuse = peer.deadline();
    EXPECT_GT(accuse, doubt);
    const PeerWatch::News news = peer.assess(accuse);
    ASSERT_TRUE(news.lost.has_value());
    EXPECT_EQ(news.lost->by, "phi_accrual");
    EXPECT_EQ(news.lost->silence, accuse - at({}));
    EXPECT_TRUE(peer.silent(accuse));
    EXPECT_EQ(peer.deadline(), Instant::max());
}

TEST(PeerWatch, IsReassuredByABeat) {
    PeerWatch peer = watch();
    beat(peer, at({}), 1);
    ASSERT_TRUE(peer.assess(peer.deadline()).ask);
    beat(peer, at(milliseconds(42)), 2);
    EXPECT_EQ(peer.trust(), Trust::trusted);
    EXPECT_FALSE(peer.assess(at(milliseconds(43))).lost.has_value());
}

TEST(PeerWatch, SuspectsALostConnectionAtOnce) {
    PeerWatch peer = watch();
    beat(peer, at({}), 1);
    peer.connection_lost(at(milliseconds(3)));
    EXPECT_TRUE(peer.has_news());
    const PeerWatch::News news = peer.assess(at(milliseconds(3)));
    ASSERT_TRUE(news.lost.has_value());
    EXPECT_EQ(news.lost->by, "connection_loss");
    EXPECT_TRUE(news.ask);
    EXPECT_FALSE(peer.silent(at(milliseconds(3))));
    EXPECT_TRUE(peer.silent(at(seconds(1))));
}

TEST(PeerWatch, TellsALossThoughThePeerIsBackAlready) {
    PeerWatch peer = watch();
    beat(peer, at({}), 1);
    peer.restarted(at(milliseconds(3)));
    beat(peer, at(milliseconds(4)), 1);
    const PeerWatch::News news = peer.assess(at(milliseconds(4)));
    ASSERT_TRUE(news.lost.has_value());
    EXPECT_EQ(news.lost->by, "incarnation");
    EXPECT_TRUE(news.back);
    EXPECT_EQ(peer.trust(), Trust::trusted);
    EXPECT_FALSE(peer.has_news());
}

TEST(PeerWatch, LosesEachPeerOnce) {
    PeerWatch peer = watch();
    beat(peer, at({}), 1);
    peer.connection_lost(at(milliseconds(3)));
    ASSERT_TRUE(peer.assess(at(milliseconds(3))).lost.has_value());
    peer.refused(at(milliseconds(4)));
    peer.refused(at(milliseconds(50)));
    EXPECT_FALSE(peer.assess(at(seconds(1))).lost.has_value());
}

TEST(PeerWatch, GivesALaggingPeerMoreTime) {
    PeerWatch peer = watch();
    signal::Beat late{.peer = 2, .sequence = 1, .interval = milliseconds(10)};
    late.health.loop_lag = milliseconds(40);
    peer.beat(at({}), late, {});
    EXPECT_EQ(peer.deadline(), at(milliseconds(90)));
}

}  // namespace
}  // namespace ftcore::testing
