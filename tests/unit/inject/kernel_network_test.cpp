// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kernel_network.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "harness/launch/network_fabric.hpp"
#include "harness/launch/network_rights.hpp"
#include "tests/unit/launch/network_fixture.hpp"

namespace faultline {
namespace {

using Path = KernelNetwork::Path;
using testing::HasSubstr;

constexpr std::uint16_t port = 4711;
constexpr int patience_ms = 120'000;

/// Two ends, "a" and "b", and a third, "c"; datagram sockets between them, all open from the start.
class KernelNetworkTest : public testing::Test {
  protected:
    void SetUp() override {
        if (const auto rights = enter_user_namespace_if_needed(); !rights)
            GTEST_SKIP() << "no rights to make network namespaces: " << rights.error().message;
        auto fabric = NetworkFabric::create({"a", "b", "c"});
        ASSERT_TRUE(fabric) << fabric.error().message;
        fabric_ = std::move(*fabric);
        auto network =
            NftNetwork::create(fabric_->namespace_fd(NetworkFabric::switch_end), fabric_->ports());
        ASSERT_TRUE(network) << network.error().message;
        network_ = std::move(*network);
        for (const std::string end : {"a", "b", "c"}) {
            const auto there = fabric_->enter(end);
            ASSERT_TRUE(there);
            sockets_[end] = test::serve(SOCK_DGRAM, fabric_->address(end), port);
            ASSERT_TRUE(sockets_[end]);
        }
    }
    NetworkFabric& fabric() { return *fabric_; }
    NftNetwork& network() { return *network_; }

    void send(const std::string& from, const std::string& to, const std::string& text) {
        const sockaddr_in name = test::socket_address(fabric_->address(to), port);
        ASSERT_EQ(::sendto(sockets_[from].get(),
                           text.data(),
                           text.size(),
                           0,
                           reinterpret_cast<const sockaddr*>(&name),
                           sizeof name),
                  static_cast<ssize_t>(text.size()));
    }
    /// The next datagram at `to`, waited for.
    std::string next_at(const std::string& to) {
        const int fd = sockets_[to].get();
        return test::readable(fd, patience_ms) ? test::read_some(fd) : "nothing came";
    }
    /// Whether a datagram passes: it arrives, or the counter says that it was dropped.
    bool passes(const std::string& from, const std::string& to) {
        const std::uint64_t before = drops(from, to);
        send(from, to, "?");
        for (const Instant deadline = now() + std::chrono::milliseconds(patience_ms);
             now() < deadline;) {
            if (test::readable(sockets_[to].get(), 1)) {
                EXPECT_EQ(test::read_some(sockets_[to].get()), "?");
                return true;
            }
            if (drops(from, to) > before) return false;
        }
        ADD_FAILURE() << "a datagram neither arrived nor was dropped";
        return false;
    }
    std::uint64_t drops(const std::string& from, const std::string& to) {
        const auto count = network_->dropped({from, to});
        EXPECT_TRUE(count) << count.error().message;
        return count.value_or(0);
    }

  private:
    std::unique_ptr<NetworkFabric> fabric_;
    std::unique_ptr<NftNetwork> network_;
    std::map<std::string, UniqueFd> sockets_;
};

TEST_F(KernelNetworkTest, PassesEverythingAtFirst) {
    EXPECT_TRUE(passes("a", "b"));
    EXPECT_TRUE(passes("b", "a"));
    EXPECT_EQ(drops("a", "b"), 0U);
}

TEST_F(KernelNetworkTest, CutsOneDirectionOfOnePairOnly) {
    ASSERT_TRUE(network().cut({{"a", "b"}}));
    EXPECT_FALSE(passes("a", "b"));
    EXPECT_TRUE(passes("b", "a"));
    EXPECT_TRUE(passes("a", "c"));
    EXPECT_TRUE(passes("c", "b"));
    EXPECT_EQ(drops("a", "b"), 1U);
    EXPECT_EQ(drops("b", "a"), 0U);
}

TEST_F(KernelNetworkTest, HealsToNothingAndKeepsTheCount) {
    ASSERT_TRUE(network().cut({{"a", "b"}, {"b", "a"}}));
    EXPECT_FALSE(passes("a", "b"));
    EXPECT_FALSE(passes("b", "a"));
    ASSERT_TRUE(network().heal({{"a", "b"}, {"b", "a"}}));
    EXPECT_TRUE(passes("a", "b"));
    EXPECT_TRUE(passes("b", "a"));
    EXPECT_EQ(drops("a", "b"), 1U);
    ASSERT_TRUE(network().cut({{"a", "b"}}));
    EXPECT_FALSE(passes("a", "b"));
    EXPECT_EQ(drops("a", "b"), 2U);
}

TEST_F(KernelNetworkTest, HoldsUpEstablishedConnectionsAndLetsThemGoOn) {
    UniqueFd server;
    UniqueFd client;
    {
        const auto there = fabric().enter("b");
        ASSERT_TRUE(there);
        server = test::serve(SOCK_STREAM, fabric().address("b"), port);
    }
    {
        const auto there = fabric().enter("a");
        ASSERT_TRUE(there);
        client = test::call(SOCK_STREAM, fabric().address("b"), port);
    }
    ASSERT_TRUE(client);
    ASSERT_TRUE(test::readable(server.get(), patience_ms));
    const UniqueFd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
    ASSERT_EQ(::write(client.get(), "before", 6), 6);
    ASSERT_TRUE(test::readable(accepted.get(), patience_ms));
    EXPECT_EQ(test::read_some(accepted.get()), "before");

    ASSERT_TRUE(network().cut({{"a", "b"}}));
    ASSERT_EQ(::write(client.get(), "during", 6), 6);
    const Instant deadline = now() + std::chrono::milliseconds(patience_ms);
    while (drops("a", "b") == 0 && now() < deadline) {
    }
    EXPECT_GE(drops("a", "b"), 1U);
    EXPECT_FALSE(test::readable(accepted.get(), 0));

    ASSERT_TRUE(network().heal({{"a", "b"}}));
    ASSERT_TRUE(test::readable(accepted.get(), patience_ms));
    EXPECT_EQ(test::read_some(accepted.get()), "during");
}

// Overlapping partitions: what the one heals stays cut by the other.
TEST_F(KernelNetworkTest, NeedsAsManyHealsAsCuts) {
    ASSERT_TRUE(network().cut({{"a", "b"}, {"a", "c"}}));
    ASSERT_TRUE(network().cut({{"a", "b"}}));
    ASSERT_TRUE(network().heal({{"a", "b"}, {"a", "c"}}));
    EXPECT_FALSE(passes("a", "b"));
    EXPECT_TRUE(passes("a", "c"));
    ASSERT_TRUE(network().heal({{"a", "b"}}));
    EXPECT_TRUE(passes("a", "b"));
    EXPECT_TRUE(network().heal({{"a", "b"}})) << "healing what is whole is no error";
    ASSERT_TRUE(network().cut({{"a", "b"}}));
    EXPECT_FALSE(passes("a", "b"));
}

TEST_F(KernelNetworkTest, ChangesNothingWhenOneEndIsUnknown) {
    const auto cut = network().cut({{"a", "b"}, {"a", "kv[7]"}});
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, ErrorCode::not_found);
    EXPECT_THAT(cut.error().message, HasSubstr("kv[7]"));
    EXPECT_TRUE(passes("a", "b"));
}

TEST_F(KernelNetworkTest, NeverCutsTheObserverOff) {
    const auto cut = network().cut({{NetworkFabric::observer_end, "a"}});
    ASSERT_FALSE(cut);
    EXPECT_THAT(cut.error().message, HasSubstr("observer"));
}

TEST_F(KernelNetworkTest, LeavesAnEndsOwnLoopAlone) {
    ASSERT_TRUE(network().cut({{"a", "a"}}));
    send("a", "a", "to myself");
    EXPECT_EQ(next_at("a"), "to myself");
    EXPECT_EQ(drops("a", "a"), 0U);
}

TEST_F(KernelNetworkTest, LosesTheShareAskedFor) {
    constexpr int count = 4000;
    constexpr double share = 0.25;
    ASSERT_TRUE(network().lose({{"a", "b"}}, share));
    int arrived = 0;
    for (int i = 0; i < count; ++i)
        arrived += passes("a", "b") ? 1 : 0;
    // Six standard deviations of a binomial: wrong once in 500 million runs.
    const double deviation = 6 * std::sqrt(count * share * (1 - share));
    EXPECT_NEAR(count - arrived, count * share, deviation);
    EXPECT_EQ(drops("a", "b"), static_cast<std::uint64_t>(count - arrived));
    EXPECT_TRUE(passes("b", "a"));
}

TEST_F(KernelNetworkTest, ChangesAndTakesBackALoss) {
    ASSERT_TRUE(network().lose({{"a", "b"}, {"b", "a"}}, 1.0));
    EXPECT_FALSE(passes("a", "b"));
    EXPECT_FALSE(passes("b", "a"));
    ASSERT_TRUE(network().lose({{"a", "b"}}, 1e-9));
    ASSERT_TRUE(network().lose({{"a", "b"}}, 1e-9)) << "saying it twice is no error";
    EXPECT_TRUE(passes("a", "b"));
    ASSERT_TRUE(network().lose({{"a", "b"}, {"b", "a"}}, 0));
    ASSERT_TRUE(network().lose({{"a", "b"}, {"b", "a"}}, 0));
    EXPECT_TRUE(passes("a", "b"));
    EXPECT_TRUE(passes("b", "a"));
    ASSERT_TRUE(network().lose({{"a", "b"}}, 1.0));
    EXPECT_FALSE(passes("a", "b"));
}

TEST_F(KernelNetworkTest, CutsAndLosesSideBySide) {
    ASSERT_TRUE(network().lose({{"a", "b"}}, 1.0));
    ASSERT_TRUE(network().cut({{"a", "b"}}));
    ASSERT_TRUE(network().heal({{"a", "b"}}));
    EXPECT_FALSE(passes("a", "b"));
    ASSERT_TRUE(network().cut({{"a", "b"}}));
    ASSERT_TRUE(network().lose({{"a", "b"}}, 0));
    EXPECT_FALSE(passes("a", "b"));
    ASSERT_TRUE(network().heal({{"a", "b"}}));
    EXPECT_TRUE(passes("a", "b"));
}

TEST_F(KernelNetworkTest, CanBeChangedFromSeveralThreads) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this] {
            for (int turn = 0; turn < 50; ++turn) {
                EXPECT_TRUE(network().cut({{"a", "b"}, {"b", "c"}}));
                EXPECT_TRUE(network().heal({{"a", "b"}, {"b", "c"}}));
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_TRUE(passes("a", "b"));
    EXPECT_TRUE(passes("b", "c"));
}

TEST(KernelNetworkWithoutABridge, SaysWhatIsWrong) {
    if (const auto rights = enter_user_namespace_if_needed(); !rights)
        GTEST_SKIP() << rights.error().message;
    const UniqueFd no_namespace(::dup(STDIN_FILENO));
    const auto network = NftNetwork::create(no_namespace.get(), {});
    ASSERT_FALSE(network);
    EXPECT_THAT(network.error().message, HasSubstr("network namespace"));
}

}  // namespace
}  // namespace faultline
