// SPDX-License-Identifier: Apache-2.0
#include "targets/core/failover/membership.hpp"

#include <gtest/gtest.h>

namespace ftcore {
namespace {

ConsensusSettings group_of(std::vector<Member> members) {
    return {.self = 1, .members = std::move(members)};
}

TEST(Membership, TakesGroupsOfOneThreeAndFive) {
    EXPECT_TRUE(Consensus::check(group_of({{1}})));
    EXPECT_TRUE(Consensus::check(group_of({{1}, {2}, {3}})));
    EXPECT_TRUE(Consensus::check(group_of({{1}, {2}, {3, true}})));
    EXPECT_TRUE(Consensus::check(group_of({{1}, {2}, {3}, {4, true}, {5, true}})));
}

TEST(Membership, RefusesImpossibleGroupsWithTheRemedy) {
    const auto message = [](std::vector<Member> members) {
        const auto result = Consensus::check(group_of(std::move(members)));
        return result ? std::string("accepted") : result.error().message;
    };
    EXPECT_NE(message({}).find("1, 3 or 5"), std::string::npos);
    EXPECT_NE(message({{1}, {2}}).find("1, 3 or 5"), std::string::npos);
    EXPECT_NE(message({{1}, {2}, {2}}).find("unique"), std::string::npos);
    EXPECT_NE(message({{1}, {0}, {2}}).find("count from 1"), std::string::npos);
    EXPECT_NE(message({{2}, {3}, {4}}).find("not among"), std::string::npos);
    EXPECT_NE(message({{1}, {2, true}, {3, true}}).find("at most 1"), std::string::npos);
    EXPECT_NE(message({{1, true}}).find("at most 0"), std::string::npos);
}

TEST(Membership, RefusesImpossibleTimes) {
    const auto refused = [](auto change) {
        ConsensusSettings settings = group_of({{1}, {2}, {3}});
        change(settings);
        return !Consensus::check(settings).has_value();
    };
    using std::chrono::milliseconds;
    EXPECT_TRUE(refused([](auto& s) { s.heartbeat = {}; }));
    EXPECT_TRUE(refused([](auto& s) { s.election_timeout = milliseconds(15); }));
    EXPECT_TRUE(refused([](auto& s) { s.lease = milliseconds(301); }));
    EXPECT_TRUE(refused([](auto& s) { s.clock_drift = -0.1; }));
    EXPECT_TRUE(refused([](auto& s) { s.tie_break = milliseconds(301); }));
    EXPECT_TRUE(refused([](auto& s) { s.appends_in_flight = 0; }));
    EXPECT_FALSE(refused([](auto&) {}));
}

TEST(Quorum, IsTheGreatestValueThatMostHaveReached) {
    const auto reached = [](std::vector<Index> peers, Index own) {
        std::vector<Member> members{{1}};
        for (NodeId id = 2; id <= peers.size() + 1; ++id)
            members.push_back({id});
        Consensus::State state(group_of(std::move(members)), {}, Random(1), Instant{});
        return reached_by_quorum(state, own, [&](const Peer& peer) { return peers[peer.id - 2]; });
    };
    EXPECT_EQ(reached({}, 7), 7U);
    EXPECT_EQ(reached({1, 5}, 7), 5U);
    EXPECT_EQ(reached({9, 8}, 7), 8U);
    EXPECT_EQ(reached({1, 2, 3, 4}, 5), 3U);
}

}  // namespace
}  // namespace ftcore
