// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/latency.hpp"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<Effect> constant(Duration delay, Ways ways = {}) {
    return *make_latency({.delay = {.shape = DelayShape::constant, .delay = delay}, .ways = ways});
}

std::shared_ptr<Effect> uniform(Duration delay,
                                Duration spread,
                                LatencySpec::Per per = LatencySpec::Per::chunk) {
    return *make_latency({.delay = {.delay = delay, .spread = spread}, .per = per});
}

TEST(LinkLatency, DelaysEveryChunkByExactlyItsDelay) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*constant(milliseconds(50)), tally);
    connection.push(Way::up, "a");
    connection.run_until(milliseconds(30));
    connection.push(Way::up, "bc");
    connection.push(Way::down, "d");
    EXPECT_THAT(connection.out(Way::up).chunks, IsEmpty());
    connection.run_until(milliseconds(79));
    EXPECT_EQ(connection.out(Way::up).bytes(), "a");
    EXPECT_EQ(connection.held(Way::up), 2U);
    connection.run_until(milliseconds(100));
    EXPECT_EQ(connection.out(Way::up).bytes(), "abc");
    EXPECT_THAT(connection.out(Way::up).instants(),
                ElementsAre(milliseconds(50), milliseconds(80)));
    EXPECT_THAT(connection.out(Way::down).instants(), ElementsAre(milliseconds(80)));
    EXPECT_EQ(tally.chunks.get(), 3U);
    EXPECT_EQ(tally.passed.get(), 3U);
    EXPECT_EQ(tally.bytes.get(), 4U);
    EXPECT_EQ(tally.delay_ns.get(), 150'000'000U);
    EXPECT_EQ(tally.first(), VirtualConnection::start());
}

TEST(LinkLatency, HandsOnThePlannedInstantHoweverLateItIsWoken) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*constant(milliseconds(50)), tally);
    connection.attach(*constant(milliseconds(30)), tally);
    connection.push(Way::up, "a");
    connection.jump_to(milliseconds(66));  // 16 ms late for the first
    connection.jump_to(milliseconds(90));
    EXPECT_THAT(connection.out(Way::up).instants(), ElementsAre(milliseconds(80)));
}

TEST(LinkLatency, KeepsTheOrderWhateverIsDrawn) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*uniform(milliseconds(20), milliseconds(20)), tally, Random(5));
    std::string sent;
    for (int i = 0; i < 200; ++i) {
        connection.run_until(milliseconds(i));
        const std::string bytes = some_bytes(7, static_cast<std::uint64_t>(i));
        connection.push(Way::up, bytes);
        sent += bytes;
    }
    connection.run_until(milliseconds(300));
    const auto instants = connection.out(Way::up).instants();
    EXPECT_EQ(connection.out(Way::up).bytes(), sent);
    EXPECT_TRUE(std::is_sorted(instants.begin(), instants.end()));
    for (int i = 0; i < 200; ++i) {
        const auto each = instants[static_cast<std::size_t>(i)];
        EXPECT_GE(each, milliseconds(i));
    }
}

TEST(LinkLatency, DelaysTheEndOfTheStreamBehindTheBytes) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*constant(milliseconds(50)), tally);
    connection.push(Way::up, "a");
    connection.run_until(milliseconds(10));
    connection.finish(Way::up);
    connection.run_until(milliseconds(59));
    EXPECT_FALSE(connection.out(Way::up).finished);
    connection.run_until(milliseconds(70));
    EXPECT_EQ(connection.out(Way::up).finished, connection.start() + milliseconds(60));
    EXPECT_FALSE(connection.out(Way::down).finished);
}

TEST(LinkLatency, DrawsOncePerConnectionWhenAsked) {
    std::set<Duration> seen;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Tally tally;
        VirtualConnection connection;
        const auto effect =
            uniform(milliseconds(50), milliseconds(40), LatencySpec::Per::connection);
        connection.attach(*effect, tally, Random(seed));
        for (const Way way : {Way::up, Way::down}) {
            for (int i = 0; i < 3; ++i)
                connection.push(way, "x");
        }
        connection.run_until(milliseconds(100));
        const auto up = connection.out(Way::up).instants();
        EXPECT_THAT(up, ElementsAre(up[0], up[0], up[0]));
        EXPECT_EQ(up, connection.out(Way::down).instants());
        seen.insert(up[0]);
    }
    EXPECT_EQ(seen.size(), 20U);
}

TEST(LinkLatency, DrawsTheSameForTheSameSeed) {
    const auto instants = [](std::uint64_t seed, Way way) {
        Tally tally;
        VirtualConnection connection;
        connection.attach(*uniform(milliseconds(50), milliseconds(50)), tally, Random(seed));
        for (int i = 0; i < 20; ++i)
            connection.push(way, "x");
        connection.run_until(milliseconds(200));
        return connection.out(way).instants();
    };
    EXPECT_EQ(instants(1, Way::up), instants(1, Way::up));
    EXPECT_NE(instants(1, Way::up), instants(2, Way::up));
    EXPECT_NE(instants(1, Way::up), instants(1, Way::down));
}

TEST(LinkLatency, LeavesTheOtherWayAlone) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*constant(milliseconds(50), {.up = false}), tally);
    connection.push(Way::up, "a");
    connection.push(Way::down, "b");
    EXPECT_EQ(connection.out(Way::up).bytes(), "a");
    EXPECT_EQ(connection.out(Way::down).bytes(), "");
}

TEST(LinkLatency, CountsNothingWhereNothingIsAdded) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*constant(Duration::zero()), tally);
    connection.push(Way::up, "a");
    connection.finish(Way::up);
    EXPECT_EQ(connection.out(Way::up).bytes(), "a");
    EXPECT_TRUE(connection.out(Way::up).finished);
    EXPECT_EQ(tally.chunks.get(), 0U);
    EXPECT_FALSE(tally.first());
    EXPECT_FALSE(link_latency().proven(tally));
}

TEST(LinkLatency, PassesOnAllThatIsHeldWhenItIsTakenAway) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*constant(hours(1)), tally);
    connection.push(Way::up, "a");
    connection.run_until(milliseconds(10));
    connection.push(Way::up, "b");
    connection.finish(Way::up);
    connection.run_until(milliseconds(20));
    connection.detach(0);
    EXPECT_EQ(connection.out(Way::up).bytes(), "ab");
    EXPECT_EQ(connection.out(Way::up).finished, connection.start() + milliseconds(20));
    // What it really added, not what was planned.
    EXPECT_EQ(tally.delay_ns.get(), 40'000'000U);
    connection.push(Way::down, "c");
    EXPECT_EQ(connection.out(Way::down).instants().back(), milliseconds(20));
}

TEST(LinkLatency, SaysWhatItDid) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*constant(milliseconds(50)), tally);
    connection.push(Way::up, some_bytes(2048));
    const LinkKind row = link_latency();
    EXPECT_TRUE(row.proven(tally));
    EXPECT_EQ(row.account(tally), "1 chunk (2.00 KiB) delayed, none has gone on");
    connection.run_until(milliseconds(50));
    connection.push(Way::up, "x");
    EXPECT_EQ(row.account(tally),
              "2 chunks (2.00 KiB) delayed by 50.0 ms on average, 1 of them not gone on");
}

// ---- the row

using Fields = std::map<std::string, std::string>;

TEST(LinkLatencyRow, MakesWhatItsParametersSay) {
    Tally tally;
    VirtualConnection connection;
    const auto effect = made_by(link_latency(),
                                {{"distribution", std::string("quantiles")},
                                 {"quantiles", Fields{{"0%", "20ms"}, {"100%", "20ms"}}},
                                 {"direction", std::string("upstream")}});
    connection.attach(*effect, tally);
    connection.push(Way::up, "a");
    connection.push(Way::down, "b");
    connection.run_until(milliseconds(100));
    EXPECT_THAT(connection.out(Way::up).instants(), ElementsAre(milliseconds(20)));
    EXPECT_THAT(connection.out(Way::down).instants(), ElementsAre(Duration::zero()));
}

TEST(LinkLatencyRow, RefusesWhatMakesNoSense) {
    const LinkKind row = link_latency();
    EXPECT_THAT(refusal(row, {}), HasSubstr("\"delay\" is missing"));
    EXPECT_THAT(refusal(row, {{"delay", Duration(9'000'000'000'000'000'000)}}),
                HasSubstr("between 0s and 3600s"));
    EXPECT_THAT(refusal(row,
                        {{"delay", Duration(milliseconds(5))},
                         {"spread", Duration(9'000'000'000'000'000'000)}}),
                HasSubstr("\"spread\""));
    EXPECT_THAT(refusal(row,
                        {{"delay", Duration(milliseconds(5))},
                         {"spread", Duration(milliseconds(1))},
                         {"distribution", std::string("constant")}}),
                HasSubstr("uniform and normal"));
    EXPECT_THAT(refusal(row,
                        {{"delay", Duration(milliseconds(5))},
                         {"distribution", std::string("pareto")},
                         {"shape", 0.5}}),
                HasSubstr("\"shape\""));
    EXPECT_THAT(refusal(row,
                        {{"distribution", std::string("quantiles")},
                         {"quantiles", Fields{{"50%", "1 hour"}}}}),
                HasSubstr("\"quantiles\": \"1 hour\""));
    EXPECT_THAT(refusal(row,
                        {{"distribution", std::string("quantiles")},
                         {"quantiles", Fields{{"half", "1ms"}}}}),
                HasSubstr("\"half\" is not a share"));
    EXPECT_THAT(refusal(row,
                        {{"distribution", std::string("quantiles")},
                         {"quantiles", Fields{{"50%", "1ms"}, {"0.5", "2ms"}}}}),
                HasSubstr("must rise"));
}

}  // namespace
}  // namespace faultline::link
