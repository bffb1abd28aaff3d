// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/network_fabric.hpp"

#include <csignal>
#include <fcntl.h>
#include <set>
#include <sys/wait.h>
#include <thread>

#include <gmock/gmock.h>

#include "harness/base/network_namespace.hpp"
#include "harness/launch/network_rights.hpp"
#include "tests/unit/launch/launch_fixture.hpp"
#include "tests/unit/launch/network_fixture.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::uint16_t port = 4711;
constexpr int patience_ms = 120'000;

class NetworkFabricTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto rights = enter_user_namespace_if_needed(); !rights)
            GTEST_SKIP() << "no rights to make network namespaces: " << rights.error().message;
        home_ = test::own_network();
    }
    void TearDown() override {
        if (home_ != 0) {
            EXPECT_EQ(test::own_network(), home_);
        }
    }
    static std::unique_ptr<NetworkFabric> make(const std::vector<std::string>& ends) {
        auto fabric = NetworkFabric::create(ends);
        EXPECT_TRUE(fabric) << fabric.error().message;
        return fabric ? std::move(*fabric) : nullptr;
    }

  private:
    ino_t home_ = 0;
};

/// Every network namespace that some process is in or holds open.
std::set<ino_t> networks_in_use() {
    std::set<ino_t> found;
    std::error_code error;
    for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
        if (!std::isdigit(static_cast<unsigned char>(process.path().filename().string()[0])))
            continue;
        found.insert(test::namespace_inode(process.path() / "ns" / "net"));
        for (const auto& fd : std::filesystem::directory_iterator(process.path() / "fd", error)) {
            const auto target = std::filesystem::read_symlink(fd.path(), error).string();
            if (target.starts_with("net:[")) found.insert(std::stoul(target.substr(5)));
        }
    }
    return found;
}

TEST_F(NetworkFabricTest, JoinsItsEndsByTheirAddresses) {
    const auto fabric = make({"kv[0]", "kv[1]", "load"});
    ASSERT_NE(fabric, nullptr);
    UniqueFd server;
    {
        const auto there = fabric->enter("kv[1]");
        ASSERT_TRUE(there) << there.error().message;
        server = test::serve(SOCK_STREAM, fabric->address("kv[1]"), port);
        ASSERT_TRUE(server);
    }
    for (const std::string from : {"kv[0]", "load", "observer", "switch"}) {
        const auto there = fabric->enter(from);
        ASSERT_TRUE(there) << there.error().message;
        const UniqueFd client = test::call(SOCK_STREAM, fabric->address("kv[1]"), port);
        ASSERT_TRUE(client) << "from " << from;
        ASSERT_TRUE(test::readable(server.get(), patience_ms));
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        const UniqueFd accepted(
            ::accept4(server.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC));
        ASSERT_TRUE(accepted);
        std::array<char, INET_ADDRSTRLEN> text{};
        ::inet_ntop(AF_INET, &peer.sin_addr, text.data(), text.size());
        EXPECT_EQ(fabric->address(from), text.data());
        EXPECT_EQ(fabric->end_at(text.data()), from);
    }
}

TEST_F(NetworkFabricTest, ShowsEachEndItsLoopbackAndOneDevice) {
    const auto fabric = make({"kv[0]"});
    ASSERT_NE(fabric, nullptr);
    const std::string before = test::devices_here();
    const auto there = fabric->enter("kv[0]");
    ASSERT_TRUE(there);
    EXPECT_EQ(test::devices_here().find("lo eth0") != std::string::npos ||
                  test::devices_here().find("eth0 lo") != std::string::npos,
              true)
        << test::devices_here();
    const UniqueFd server = test::serve(SOCK_STREAM, "127.0.0.1", port);
    ASSERT_TRUE(server);
    EXPECT_TRUE(test::call(SOCK_STREAM, "127.0.0.1", port));
}

TEST_F(NetworkFabricTest, LeavesTheMachinesOwnNetworkAlone) {
    const std::string before = test::devices_here();
    const auto fabric = make({"kv[0]", "load"});
    ASSERT_NE(fabric, nullptr);
    EXPECT_EQ(test::devices_here(), before);
}

TEST_F(NetworkFabricTest, KeepsSameNamedEndsOfTwoNetworksApart) {
    const auto one = make({"kv[0]"});
    const auto other = make({"kv[0]"});
    ASSERT_NE(one, nullptr);
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(one->address("kv[0]"), other->address("kv[0]"));
    UniqueFd first;
    UniqueFd second;
    {
        const auto there = one->enter("kv[0]");
        ASSERT_TRUE(there);
        first = test::serve(SOCK_STREAM, "0.0.0.0", port);
    }
    {
        const auto there = other->enter("kv[0]");
        ASSERT_TRUE(there);
        second = test::serve(SOCK_STREAM, "0.0.0.0", port);
    }
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    const auto there = one->enter("observer");
    ASSERT_TRUE(there);
    EXPECT_TRUE(test::call(SOCK_STREAM, one->address("kv[0]"), port));
    EXPECT_TRUE(test::readable(first.get(), patience_ms));
    EXPECT_FALSE(test::readable(second.get(), 0));
}

TEST_F(NetworkFabricTest, GivesDistinctAddressesToMoreThanABlockOfEnds) {
    std::set<std::string> addresses;
    std::set<std::string> hardware;
    for (std::uint32_t number = 1; number <= NetworkFabric::ends_max + 2; ++number) {
        const NetworkEnd end{number};
        addresses.insert(end.address_text());
        hardware.insert(end.hardware_address());
        EXPECT_THAT(end.address_text(), Not(testing::EndsWith(".0")));
        EXPECT_THAT(end.address_text(), Not(testing::EndsWith(".255")));
    }
    EXPECT_EQ(addresses.size(), NetworkFabric::ends_max + 2);
    EXPECT_EQ(hardware.size(), NetworkFabric::ends_max + 2);
    EXPECT_EQ(NetworkEnd{1}.address_text(), "10.77.0.1");
    EXPECT_EQ(NetworkEnd{251}.address_text(), "10.77.1.1");
}

TEST_F(NetworkFabricTest, RefusesTwoEndsOfOneName) {
    const auto fabric = NetworkFabric::create({"kv[0]", "kv[0]"});
    ASSERT_FALSE(fabric);
    EXPECT_EQ(fabric.error().code, ErrorCode::invalid);
    EXPECT_THAT(fabric.error().message, HasSubstr("kv[0]"));
}

TEST_F(NetworkFabricTest, RefusesMoreEndsThanABridgeHasPorts) {
    const std::vector<std::string> ends(NetworkFabric::ends_max + 1, "kv");
    const auto fabric = NetworkFabric::create(ends);
    ASSERT_FALSE(fabric);
    EXPECT_THAT(fabric.error().message, HasSubstr("at most 1000"));
}

TEST_F(NetworkFabricTest, HidesThePortOfTheObserver) {
    const auto fabric = make({"kv[0]", "load"});
    ASSERT_NE(fabric, nullptr);
    const auto ports = fabric->ports();
    EXPECT_EQ(ports.size(), 2U);
    EXPECT_TRUE(ports.contains("kv[0]"));
    EXPECT_TRUE(ports.contains("load"));
}

TEST_F(NetworkFabricTest, LetsThreadsStartedInsideStayThere) {
    const auto fabric = make({"load"});
    ASSERT_NE(fabric, nullptr);
    ino_t seen = 0;
    std::thread thread;
    {
        const auto there = fabric->enter("load");
        ASSERT_TRUE(there);
        thread = std::thread([&seen] { seen = test::own_network(); });
    }
    thread.join();
    EXPECT_EQ(seen, test::namespace_inode(fabric->namespace_fd("load")));
    EXPECT_NE(test::own_network(), seen);
}

TEST_F(NetworkFabricTest, IsGoneWhenItsMakerIsKilled) {
    const std::string devices = test::devices_here();
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t maker = ::fork();
    ASSERT_GE(maker, 0);
    if (maker == 0) {
        const auto fabric = NetworkFabric::create({"kv[0]", "kv[1]", "load"});
        if (!fabric) ::_exit(1);
        std::string inodes;
        for (const std::string end : {"switch", "observer", "kv[0]", "kv[1]", "load"})
            inodes += std::to_string(test::namespace_inode((*fabric)->namespace_fd(end))) + "\n";
        static_cast<void>(write_all(writer.get(), inodes + "."));
        for (;;)
            ::pause();
    }
    writer.reset();
    std::string told;
    while (!told.ends_with(".")) {
        const std::string more = test::read_some(reader.get());
        ASSERT_FALSE(more.empty()) << "the maker ended before it had made the network";
        told += more;
    }
    std::set<ino_t> made;
    for (std::size_t at = 0; told[at] != '.'; at = told.find('\n', at) + 1)
        made.insert(std::stoul(told.substr(at)));
    ASSERT_EQ(made.size(), 5U);
    const auto any_in_use = [&made] {
        const auto used = networks_in_use();
        return std::any_of(
            made.begin(), made.end(), [&](ino_t inode) { return used.contains(inode); });
    };
    EXPECT_TRUE(any_in_use());
    ASSERT_EQ(::kill(maker, SIGKILL), 0);
    ASSERT_EQ(::waitpid(maker, nullptr, 0), maker);
    EXPECT_TRUE(test::eventually([&] { return !any_in_use(); }));
    EXPECT_EQ(test::devices_here(), devices);
}

}  // namespace
}  // namespace faultline
