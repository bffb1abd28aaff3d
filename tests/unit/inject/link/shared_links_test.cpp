// SPDX-License-Identifier: Apache-2.0
// Links that share one listening address.
#include <arpa/inet.h>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "harness/inject/link/address.hpp"
#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

TEST(SharedLinks, AreToldApartByWhoConnects) {
    TestServer server;
    auto engine = link::Engine::start({});
    ASSERT_TRUE(engine);
    // Who connects is known by its port here.
    std::map<std::uint16_t, int> known;
    std::mutex mutex;
    const auto choose = [&](int descriptor) {
        sockaddr_in peer{};
        socklen_t length = sizeof peer;
        EXPECT_EQ(::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &length), 0);
        const std::scoped_lock lock(mutex);
        const auto found = known.find(ntohs(peer.sin_port));
        return found == known.end() ? -1 : found->second;
    };
    const auto ids = (*engine)->open_shared({.listen = "127.0.0.1:0",
                                             .upstream = server.address(),
                                             .names = {"a->c", "b->c"},
                                             .choose = choose});
    ASSERT_TRUE(ids) << ids.error().message;
    ASSERT_EQ(ids->size(), 2U);
    const std::string address = (*engine)->listen_address((*ids)[0]);
    EXPECT_EQ(address, (*engine)->listen_address((*ids)[1]));
    const auto target = link::resolve_address(address, link::AddressUse::connect);

    const auto connect_as = [&](int link) {
        UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
        {
            const std::scoped_lock lock(mutex);
            if (link >= 0) known[link::SocketAddress::of_socket(fd.get())->port()] = link;
        }
        if (::connect(fd.get(), target->front().get(), target->front().length()) != 0) fd.reset();
        return Wire(std::move(fd));
    };
    // An effect on the second alone: the first and strangers do not feel it.
    (*engine)->apply(
        {{.link = (*ids)[1], .id = "down", .effect = effect({.door = link::Door::refuse})}});
    Wire first = connect_as(0);
    Wire served = server.accept();
    Wire stranger = connect_as(-1);
    Wire strange_served = server.accept();
    Wire refused = connect_as(1);
    EXPECT_TRUE(!refused || refused.wait_for_end() == Ending::reset);
    EXPECT_TRUE(first.send("ping"));
    EXPECT_EQ(served.read(4), "ping");
    EXPECT_TRUE(stranger.send("pong"));
    EXPECT_EQ(strange_served.read(4), "pong");
    EXPECT_EQ((*engine)->counts((*ids)[0]).accepted, 1U);
    EXPECT_EQ((*engine)->counts((*ids)[1]).accepted, 1U);
    // Removed one by one; the last closes the address.
    (*engine)->remove((*ids)[0]);
    EXPECT_NE(first.wait_for_end(), Ending::open);
    EXPECT_TRUE(Wire::connect(address));
    (*engine)->remove((*ids)[1]);
    EXPECT_FALSE(Wire::connect(address));
    EXPECT_EQ(stranger.wait_for_end(), Ending::reset);
}

TEST(SharedLinks, StayAtTheirAddress) {
    TestServer server;
    auto engine = link::Engine::start({});
    const auto ids = (*engine)->open_shared({.listen = "127.0.0.1:0",
                                             .upstream = server.address(),
                                             .names = {"a", "b"},
                                             .choose = [](int) { return 0; }});
    ASSERT_TRUE(ids);
    EXPECT_FALSE((*engine)->set_addresses((*ids)[0], "127.0.0.1:0", server.address()));
    ASSERT_TRUE((*engine)->set_enabled((*ids)[0], false));
    Wire refused = Wire::connect((*engine)->listen_address((*ids)[0]));
    EXPECT_EQ(refused.wait_for_end(), Ending::reset);
}

}  // namespace
}  // namespace faultline::testing
