// SPDX-License-Identifier: Apache-2.0
// Who may come in, and who must go, when effects come and go.
#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

using link::Door;
using link::OpenConnections;
using link::Tally;

TEST(Doors, EndOpenConnectionsWhenPutOn) {
    TestServer server;
    const OneLink link = one_link(server.address());
    for (const auto how : {OpenConnections::reset, OpenConnections::close}) {
        Pair pair = connect_through(link, server);
        const auto tally = std::make_shared<Tally>();
        link.put("end", effect({.open = how}), tally);
        const Ending expected = how == OpenConnections::reset ? Ending::reset : Ending::end;
        EXPECT_EQ(pair.client.wait_for_end(), expected);
        EXPECT_EQ(pair.server.wait_for_end(), expected);
        EXPECT_EQ(tally->resets.get(), how == OpenConnections::reset ? 1U : 0U);
        EXPECT_EQ(tally->closes.get(), how == OpenConnections::close ? 1U : 0U);
        EXPECT_TRUE(tally->first());
        // New ones are let in.
        Pair later = connect_through(link, server);
        EXPECT_EQ(later.passed(1), "x");
        link.take("end");
        EXPECT_EQ(later.passed(1), "x");
    }
}

TEST(Doors, EndConnectionsWhenTakenAway) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    const auto stall = [](Random&) { return std::make_unique<StallStage>(); };
    link.put("stall", effect({.up = stall, .down = stall, .removed = OpenConnections::close}));
    EXPECT_TRUE(pair.client.send("never arrives"));
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).up.received == 13; }));
    link.take("stall");
    EXPECT_EQ(pair.server.read_to_end(), "");
    EXPECT_EQ(pair.client.wait_for_end(), Ending::end);
}

TEST(Doors, RefuseAndKeepThePort) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair open = connect_through(link, server);
    const auto tally = std::make_shared<Tally>();
    for (int round = 0; round < 3; ++round) {
        link.put("down", effect({.door = Door::refuse}), tally);
        EXPECT_FALSE(Wire::connect(link.address));
        EXPECT_FALSE(link.engine->open(
            {.name = "thief", .listen = link.address, .upstream = server.address()}));
        EXPECT_EQ(open.passed(1), "x");
        link.take("down");
        Pair later = connect_through(link, server);
        EXPECT_EQ(later.passed(1), "x");
    }
    EXPECT_TRUE(tally->first());
}

TEST(Doors, RefuseThoseThatAreDrawn) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = 5});
    const auto tally = std::make_shared<Tally>();
    link.put("down", effect({.door = Door::refuse}), tally, 0.5);
    std::uint64_t let_in = 0;
    for (int count = 0; count < 40; ++count) {
        Wire client = Wire::connect(link.address);
        ASSERT_TRUE(eventually(
            [&] { return !client || server.somebody_waits() || client.readable_now(); }));
        if (client && server.somebody_waits()) {
            EXPECT_TRUE(server.accept());
            ++let_in;
        } else {
            EXPECT_EQ(client.wait_for_end(), Ending::reset);
        }
    }
    EXPECT_EQ(tally->resets.get() + let_in, 40U);
    EXPECT_EQ(tally->resets.get(), tally->connections.get());
    EXPECT_GT(tally->resets.get(), 5U);
    EXPECT_LT(tally->resets.get(), 35U);
}

TEST(Doors, StaySilentAndConnectOnLater) {
    TestServer server;
    const OneLink link = one_link(server.address());
    const auto tally = std::make_shared<Tally>();
    link.put("silent", effect({.door = Door::silent}), tally);
    Pair pair;
    pair.client = Wire::connect(link.address);
    ASSERT_TRUE(pair.client);
    EXPECT_TRUE(pair.client.send("anybody there?"));
    Wire leaver = Wire::connect(link.address);
    EXPECT_TRUE(eventually([&] { return tally->silent.get() == 2; }));
    EXPECT_EQ(link.engine->counts(link.id).open, 2U);
    leaver.close();
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 1; }));
    EXPECT_FALSE(server.somebody_waits());
    EXPECT_FALSE(pair.client.readable_now());
    EXPECT_EQ(link.engine->counts(link.id).up.received, 0U);
    link.take("silent");
    pair.server = server.accept();
    ASSERT_TRUE(pair.server);
    EXPECT_EQ(pair.server.read(14), "anybody there?");
    EXPECT_FALSE(server.somebody_waits());
}

TEST(Doors, StaySilentWhileOneOfThemSaysSo) {
    TestServer server;
    const OneLink link = one_link(server.address());
    link.put("one", effect({.door = Door::silent}));
    link.put("two", effect({.door = Door::silent}));
    const Wire client = Wire::connect(link.address);
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 1; }));
    link.take("one");
    EXPECT_FALSE(server.somebody_waits());
    link.put("two", on_both<SliceStage>(std::size_t{1}));
    EXPECT_TRUE(server.accept());
}

}  // namespace
}  // namespace faultline::testing
