// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/limit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "tests/unit/inject/link_kinds/parameters.hpp"
#include "tests/unit/inject/link_kinds/virtual_connection.hpp"

namespace faultline::link {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(LinkLimit, DeliversExactlyItsBytesAndCloses) {
    for (const std::size_t read : {1U, 7U, 100U, 1000U}) {
        Tally tally;
        VirtualConnection connection;
        connection.attach(**make_limit({.bytes = 100}), tally);
        const std::string sent = some_bytes(1000);
        for (std::size_t at = 0; at < sent.size(); at += read)
            connection.push(Way::up, sent.substr(at, read));
        EXPECT_EQ(connection.out(Way::up).bytes(), sent.substr(0, 100));
        EXPECT_TRUE(connection.closed_at());
        EXPECT_EQ(tally.closes.get(), 1U);
    }
}

TEST(LinkLimit, ClosesWithTheLastByteNotWithTheNext) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_limit({.bytes = 10}), tally);
    connection.push(Way::up, some_bytes(9));
    EXPECT_FALSE(connection.closed_at());
    EXPECT_FALSE(link_limit().proven(tally));
    connection.run_until(milliseconds(5));
    connection.push(Way::up, "x");
    EXPECT_EQ(connection.closed_at(), milliseconds(5));
    EXPECT_EQ(connection.out(Way::up).bytes().size(), 10U);
    EXPECT_TRUE(link_limit().proven(tally));
    EXPECT_EQ(tally.first(), connection.start() + milliseconds(5));
    EXPECT_EQ(link_limit().account(tally), "1 connection closed");
}

TEST(LinkLimit, CountsEachWayOnItsOwn) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_limit({.bytes = 10}), tally);
    connection.push(Way::up, some_bytes(9));
    connection.push(Way::down, some_bytes(9));
    EXPECT_FALSE(connection.closed_at());
    connection.push(Way::down, some_bytes(9));
    EXPECT_TRUE(connection.closed_at());
    EXPECT_EQ(connection.out(Way::down).bytes().size(), 10U);
    connection.push(Way::up, some_bytes(9));
    EXPECT_EQ(tally.closes.get(), 1U);
}

TEST(LinkLimit, OfNothingClosesAtTheFirstByte) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_limit({.bytes = 0}), tally);
    connection.run_until(seconds(1));
    EXPECT_FALSE(connection.closed_at());
    connection.push(Way::up, "a");
    EXPECT_TRUE(connection.closed_at());
    EXPECT_EQ(connection.out(Way::up).bytes(), "");
}

TEST(LinkLimit, LetsAStreamEndBeforeIt) {
    Tally tally;
    VirtualConnection connection;
    connection.attach(**make_limit({.bytes = 10}), tally);
    connection.push(Way::up, "abc");
    connection.finish(Way::up);
    EXPECT_TRUE(connection.out(Way::up).finished);
    EXPECT_FALSE(connection.closed_at());
    connection.detach(0);
    EXPECT_EQ(tally.closes.get(), 0U);
}

TEST(LinkLimitRow, RefusesWhatMakesNoSense) {
    EXPECT_THAT(refusal(link_limit(), {{"bytes", std::int64_t{9'000'000'000'000'000'000}}}),
                HasSubstr("between 0 B and 1024 TiB"));
    EXPECT_THAT(refusal(link_limit(), {{"bytes", std::int64_t{-1}}}), HasSubstr("\"bytes\""));
}

}  // namespace
}  // namespace faultline::link
