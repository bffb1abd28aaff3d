// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>

#include "tests/unit/launch/launch_fixture.hpp"

namespace faultline {
namespace {

using Ports = test::LaunchTest;

UniqueFd listen_somewhere(std::uint16_t& port) {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), size), 0);
    EXPECT_EQ(::listen(socket.get(), 1), 0);
    EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
    port = ntohs(name.sin_port);
    return socket;
}

TEST_F(Ports, AreFreeAndDistinct) {
    Random random(1);
    const auto lease = PortLease::take(50, random);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(std::set(lease->ports().begin(), lease->ports().end()).size(), 50U);
    for (const auto port : lease->ports())
        EXPECT_TRUE(port_is_free(port)) << port;
}

TEST_F(Ports, AreNotGivenTwiceWhileTheLeaseLives) {
    Random first_draws(7);
    Random second_draws(7);  // the same draws: without the lock the same ports
    auto first = PortLease::take(5, first_draws);
    ASSERT_TRUE(first) << first.error().message;
    const std::set<std::uint16_t> taken(first->ports().begin(), first->ports().end());
    const auto second = PortLease::take(5, second_draws);
    ASSERT_TRUE(second) << second.error().message;
    for (const auto port : second->ports())
        EXPECT_FALSE(taken.contains(port)) << port;
}

TEST_F(Ports, AreGivenAgainAfterTheLease) {
    Random first_draws(7);
    Random second_draws(7);
    std::vector<std::uint16_t> ports;
    {
        const auto lease = PortLease::take(3, first_draws);
        ASSERT_TRUE(lease) << lease.error().message;
        ports = lease->ports();
    }
    const auto again = PortLease::take(3, second_draws);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->ports(), ports);
}

TEST_F(Ports, AreNotFreeWhenSomebodyListens) {
    std::uint16_t port = 0;
    {
        const UniqueFd listener = listen_somewhere(port);
        EXPECT_FALSE(port_is_free(port));
    }
    EXPECT_TRUE(port_is_free(port));
}

TEST_F(Ports, FailWithTheRangeWhenThereAreNotEnough) {
    Random random(1);
    const auto lease = PortLease::take(70000, random);
    ASSERT_FALSE(lease);
    EXPECT_EQ(lease.error().code, ErrorCode::exists);
}

}  // namespace
}  // namespace faultline
