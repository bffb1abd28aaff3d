// SPDX-License-Identifier: Apache-2.0
// A link without effects changes nothing but the address.
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

TEST(Link, CarriesBytesBothWays) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_TRUE(pair.client.send("question"));
    EXPECT_EQ(pair.server.read(8), "question");
    EXPECT_TRUE(pair.server.send("answer"));
    EXPECT_EQ(pair.client.read(6), "answer");
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).down.sent == 6; }));
    const auto counts = link.engine->counts(link.id);
    EXPECT_EQ(counts.accepted, 1U);
    EXPECT_EQ(counts.open, 1U);
    EXPECT_EQ(counts.up.received, 8U);
    EXPECT_EQ(counts.up.sent, 8U);
    EXPECT_EQ(counts.down.received, 6U);
}

TEST(Link, LetsAClientThatHasFinishedHearTheWholeAnswer) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_TRUE(pair.client.send("question"));
    pair.client.finish();
    EXPECT_EQ(pair.server.read_to_end(), "question");
    EXPECT_EQ(pair.server.ending(), Ending::end);
    const std::string answer = noise(3'000'000, 1);
    std::thread answering([&] {
        EXPECT_TRUE(pair.server.send(answer));
        pair.server.close();
    });
    EXPECT_TRUE(pair.client.read_to_end() == answer);
    EXPECT_EQ(pair.client.ending(), Ending::end);
    answering.join();
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
}

TEST(Link, LetsAServerFinishFirst) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_TRUE(pair.server.send("greeting"));
    pair.server.finish();
    EXPECT_EQ(pair.client.read_to_end(), "greeting");
    EXPECT_TRUE(pair.client.send("late question"));
    pair.client.close();
    EXPECT_EQ(pair.server.read_to_end(), "late question");
    EXPECT_EQ(pair.server.ending(), Ending::end);
}

TEST(Link, PassesAResetOfTheClientOn) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_TRUE(pair.client.send("last words"));
    EXPECT_EQ(pair.server.read(10), "last words");
    pair.client.reset();
    EXPECT_EQ(pair.server.wait_for_end(), Ending::reset);
}

TEST(Link, PassesAResetOfTheServerOnBehindItsLastWords) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_TRUE(pair.server.send("no"));
    EXPECT_EQ(pair.client.read(2), "no");
    pair.server.reset();
    EXPECT_EQ(pair.client.wait_for_end(), Ending::reset);
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
}

TEST(Link, PassesOnWhatCameBeforeAReset) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_TRUE(pair.server.send("last words"));
    pair.server.reset();
    EXPECT_EQ(pair.client.read_to_end(), "last words");
    EXPECT_EQ(pair.client.ending(), Ending::reset);
}

TEST(Link, PassesOnAnAnswerToAClientThatStillSends) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    std::thread sending([&] {
        const std::string block(100'000, 'x');
        while (pair.client.send(block)) {
        }
    });
    EXPECT_EQ(pair.server.read(1000), std::string(1000, 'x'));
    EXPECT_TRUE(pair.server.send("too long"));
    pair.server.reset();
    sending.join();
    EXPECT_EQ(pair.client.read_to_end(), "too long");
}

TEST(Link, PassesAResetOnThoughNothingIsRead) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_GT(pair.client.send_until_blocked(), 0U);
    pair.client.reset();
    EXPECT_EQ(pair.server.wait_for_end(), Ending::reset);
}

TEST(Link, PassesAResetOnAfterAHalfClose) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    pair.client.finish();
    EXPECT_EQ(pair.server.wait_for_end(), Ending::end);
    pair.client.reset();
    // The server reads no more; that it is reset shows when it writes.
    EXPECT_TRUE(eventually([&] { return !pair.server.send("answer"); }));
}

TEST(Link, HoldsUpAWriterWhoseReaderStopsAndNobodyElse) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair stuck = connect_through(link, server);
    const std::size_t taken = stuck.client.send_until_blocked();
    EXPECT_GT(taken, 0U);
    EXPECT_LT(taken, std::size_t{256} << 20);
    EXPECT_FALSE(stuck.client.send_until_blocked() > 0);
    Pair other = connect_through(link, server);
    EXPECT_TRUE(other.client.send("ping"));
    EXPECT_EQ(other.server.read(4), "ping");
    // Who reads again gets all of it.
    stuck.client.finish();
    EXPECT_EQ(stuck.server.read_to_end().size(), taken);
}

TEST(Link, CarriesBulkUnchanged) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    const std::string up = noise(std::size_t{64} << 20, 2);
    const std::string down = noise(std::size_t{16} << 20, 3);
    std::thread client_sends([&] {
        EXPECT_TRUE(pair.client.send(up));
        pair.client.finish();
    });
    std::thread server_sends([&] {
        EXPECT_TRUE(pair.server.send(down));
        pair.server.finish();
    });
    std::thread client_reads([&] { EXPECT_TRUE(pair.client.read_to_end() == down); });
    EXPECT_TRUE(pair.server.read_to_end() == up);
    client_sends.join();
    server_sends.join();
    client_reads.join();
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
    EXPECT_EQ(link.engine->counts(link.id).up.sent, up.size());
}

TEST(Link, CarriesBytesThatComeOneByOne) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    const std::string bytes = noise(3000, 4);
    std::thread writing([&] {
        for (const char byte : bytes)
            EXPECT_TRUE(pair.client.send(std::string_view(&byte, 1)));
        pair.client.finish();
    });
    EXPECT_EQ(pair.server.read_to_end(), bytes);
    writing.join();
}

TEST(Link, KeepsAnUrgentByteInItsPlace) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Pair pair = connect_through(link, server);
    EXPECT_TRUE(pair.client.send("before"));
    EXPECT_EQ(::send(pair.client.descriptor(), "!", 1, MSG_OOB), 1);
    EXPECT_TRUE(pair.client.send("after"));
    pair.client.finish();
    EXPECT_EQ(pair.server.read_to_end(), "before!after");
}

TEST(Link, CarriesTwoThousandConnectionsAtOnce) {
    TestServer server;
    const OneLink link = one_link(server.address());
    constexpr std::size_t count = 2000;
    std::vector<Wire> served;
    std::thread serving([&] {
        while (served.size() < count) {
            served.push_back(server.accept());
            ASSERT_TRUE(served.back());
        }
        for (Wire& wire : served) {
            const std::string bytes = wire.read(4);
            EXPECT_TRUE(wire.send(bytes));
        }
    });
    std::vector<Wire> clients;
    for (std::size_t index = 0; index < count; ++index) {
        clients.push_back(Wire::connect(link.address));
        ASSERT_TRUE(clients.back());
    }
    for (Wire& client : clients)
        EXPECT_TRUE(client.send("ping"));
    for (Wire& client : clients)
        EXPECT_EQ(client.read(4), "ping");
    serving.join();
    EXPECT_EQ(link.engine->counts(link.id).open, count);
    clients.clear();
    served.clear();
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
    EXPECT_EQ(link.engine->counts(link.id).accepted, count);
}

}  // namespace
}  // namespace faultline::testing
