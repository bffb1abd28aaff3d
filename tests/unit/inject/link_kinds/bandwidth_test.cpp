// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/bandwidth.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/byte_clock.hpp"
#include "harness/inject/link/kinds/catalog.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Instant begin = VirtualConnection::start();

TEST(ByteClock, NeverDriftsHoweverTheBytesCome) {
    // A rate whose bytes take no whole number of nanoseconds: a day of single bytes would add up.
    constexpr std::uint64_t rate = 3'000'000;
    ByteClock clock(rate);
    Random random(1);
    std::uint64_t bytes = 0;
    Instant last = begin;
    while (bytes < 300 * rate) {
        const std::uint64_t count = 1 + random.below(10'000);
        bytes += count;
        last = clock.put(begin, count);
    }
    const auto exact = static_cast<std::int64_t>((bytes * 1'000 + 2) / 3);  // rounded up
    EXPECT_EQ(last - begin, nanoseconds(exact));
}

TEST(ByteClock, IsExactAtTheSlowestAndTheFastest) {
    ByteClock slow(1);
    EXPECT_EQ(slow.put(begin, 1) - begin, seconds(1));
    EXPECT_EQ(slow.put(begin, 86'399) - begin, hours(24));
    ByteClock fast(1'000'000'000);
    Instant last = begin;
    for (int i = 0; i < 1'000'000; ++i)
        last = fast.put(begin, 64U << 10);
    EXPECT_EQ(last - begin, nanoseconds(1'000'000LL * (64 << 10)));
    ByteClock fastest(rate_max);
    EXPECT_EQ(fastest.put(begin, std::uint64_t{1} << 50) - begin, nanoseconds(1'125'899'906'843));
}

TEST(ByteClock, StartsAnewAfterBeingIdle) {
    ByteClock clock(1000);
    EXPECT_EQ(clock.put(begin, 10) - begin, milliseconds(10));
    EXPECT_EQ(clock.put(begin + milliseconds(4), 10) - begin, milliseconds(20));
    EXPECT_EQ(clock.put(begin + milliseconds(20), 10) - begin, milliseconds(30));
    EXPECT_EQ(clock.put(begin + milliseconds(100), 10) - begin, milliseconds(110));
}

std::shared_ptr<Effect> bandwidth(std::uint64_t rate,
                                  BandwidthSpec::Share share = BandwidthSpec::Share::connection) {
    return *make_bandwidth({.rate = rate, .share = share});
}

TEST(LinkBandwidth, LetsOneByteThroughEachSecond) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(1), tally);
    connection.push(Way::up, "abc");
    connection.run_until(milliseconds(2999));
    EXPECT_EQ(connection.out(Way::up).bytes(), "ab");
    connection.run_until(seconds(5));
    EXPECT_EQ(connection.out(Way::up).bytes(), "abc");
    EXPECT_THAT(connection.out(Way::up).instants(),
                ElementsAre(seconds(1), seconds(2), seconds(3)));
}

TEST(LinkBandwidth, IsExactAtAGigabytePerSecondAlthoughWokenLate) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(1'000'000'000), tally);
    std::size_t sent = 0;
    for (int turn = 0; turn < 400; ++turn) {
        while (connection.accepts(Way::up) && connection.held(Way::up) < 4U << 20) {
            connection.push(Way::up, std::string(64U << 10, 'x'));
            sent += 64U << 10;
        }
        connection.jump_to(connection.time() + std::chrono::microseconds(1003));
    }
    EXPECT_GT(sent, 400'000'000U);
    const std::size_t through = sent - connection.held(Way::up);
    EXPECT_EQ(connection.out(Way::up).instants().back(),
              nanoseconds(static_cast<std::int64_t>(through)));
}

TEST(LinkBandwidth, PacesSmoothly) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(100'000), tally);
    const std::string sent = some_bytes(50'000);
    connection.push(Way::up, sent);
    connection.run_until(seconds(1));
    EXPECT_EQ(connection.out(Way::up).bytes(), sent);
    Duration before{};
    for (const Chunk& chunk : connection.out(Way::up).chunks) {
        const Duration at = chunk.at - begin;
        EXPECT_LE(at - before, milliseconds(5));
        before = at;
    }
    EXPECT_EQ(before, milliseconds(500));
    EXPECT_EQ(tally.chunks.get(), 1U);
    EXPECT_EQ(tally.delay_ns.get(), 500'000'000U);
}

TEST(LinkBandwidth, IsNeverAheadOfAFastLineAndHardlyBehind) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(1'000'000'000), tally);
    for (int count = 0; count < 160; ++count)
        connection.push(Way::up, std::string(64U << 10, 'x'));
    std::int64_t through = 0;
    std::size_t seen = 0;
    for (Duration time{}; time < milliseconds(10); time += std::chrono::microseconds(10)) {
        connection.run_until(time);
        const auto& chunks = connection.out(Way::up).chunks;
        for (; seen < chunks.size(); ++seen)
            through += static_cast<std::int64_t>(chunks[seen].bytes.size());
        EXPECT_LE(through, time.count());
        EXPECT_GE(through, (time - std::chrono::microseconds(600)).count());
    }
}

TEST(LinkBandwidth, LetsTheEndFollowTheLastByte) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(1000), tally);
    connection.finish(Way::down);
    EXPECT_EQ(connection.out(Way::down).finished, begin);
    connection.push(Way::up, std::string(100, 'x'));
    connection.finish(Way::up);
    connection.run_until(seconds(1));
    EXPECT_EQ(connection.out(Way::up).finished, begin + milliseconds(100));
}

TEST(LinkBandwidth, HasItsRateEachWay) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(1000, BandwidthSpec::Share::link), tally);
    connection.push(Way::up, std::string(100, 'x'));
    connection.push(Way::down, std::string(100, 'x'));
    connection.run_until(milliseconds(100));
    EXPECT_EQ(connection.out(Way::up).bytes().size(), 100U);
    EXPECT_EQ(connection.out(Way::down).bytes().size(), 100U);
}

TEST(LinkBandwidth, IsSharedInTurnsByAllConnections) {
    Tally tally;
    VirtualConnection first;
    VirtualConnection second;
    const auto effect = bandwidth(1000, BandwidthSpec::Share::link);
    first.attach(*effect, tally);
    second.attach(*effect, tally);
    first.push(Way::up, std::string(500, 'x'));
    second.push(Way::up, std::string(500, 'x'));
    for (int time = 0; time <= 500; time += 5) {
        first.run_until(milliseconds(time));
        second.run_until(milliseconds(time));
    }
    EXPECT_EQ(first.out(Way::up).bytes().size(), 250U);
    EXPECT_EQ(second.out(Way::up).bytes().size(), 250U);
    for (int time = 500; time <= 1000; time += 5) {
        first.run_until(milliseconds(time));
        second.run_until(milliseconds(time));
    }
    EXPECT_EQ(first.out(Way::up).bytes().size() + second.out(Way::up).bytes().size(), 1000U);
}

TEST(LinkBandwidth, StopsTheSenderOnceEnoughWaits) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(1000), tally);
    connection.push(Way::up, std::string(60'000, 'x'));
    EXPECT_TRUE(connection.accepts(Way::up));
    connection.push(Way::up, std::string(10'000, 'x'));
    EXPECT_FALSE(connection.accepts(Way::up));
    EXPECT_TRUE(connection.accepts(Way::down));
    connection.run_until(seconds(10));
    EXPECT_TRUE(connection.accepts(Way::up));
}

TEST(LinkBandwidth, PassesOnAllThatIsHeldWhenItIsTakenAway) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(*bandwidth(1000), tally);
    const std::string sent = some_bytes(5000);
    connection.push(Way::up, sent.substr(0, 3000));
    connection.push(Way::up, sent.substr(3000));
    connection.finish(Way::up);
    connection.run_until(milliseconds(1001));
    connection.detach(0);
    EXPECT_EQ(connection.out(Way::up).bytes(), sent);
    EXPECT_EQ(connection.out(Way::up).finished, begin + milliseconds(1001));
    EXPECT_EQ(tally.passed.get(), tally.chunks.get());
}

TEST(LinkBandwidthRow, RefusesRatesOutsideItsRange) {
    const LinkKind row = link_bandwidth();
    for (const std::int64_t rate : {std::int64_t{0},
                                    std::int64_t{-1},
                                    std::int64_t{2'000'000'000'000},
                                    std::int64_t{9'000'000'000'000'000'000}}) {
        EXPECT_THAT(refusal(row, {{"rate", rate}}), HasSubstr("between 1 B and 931 GiB")) << rate;
    }
}

TEST(LinkBandwidthRow, MakesWhatItsParametersSay) {
    Tally tally;
    VirtualConnection connection;
    const auto effect = made_by(link_bandwidth(),
                                {{"rate", std::int64_t{1000}},
                                 {"share", std::string("link")},
                                 {"direction", std::string("downstream")}});
    connection.attach(*effect, tally);
    connection.push(Way::up, std::string(100, 'x'));
    EXPECT_EQ(connection.out(Way::up).bytes().size(), 100U);
    connection.push(Way::down, std::string(100, 'x'));
    connection.run_until(milliseconds(50));
    EXPECT_EQ(connection.out(Way::down).bytes().size(), 50U);
    EXPECT_THAT(link_bandwidth().account(tally), HasSubstr("1 chunk (100 B) slowed down"));
}

}  // namespace
}  // namespace faultline::link
