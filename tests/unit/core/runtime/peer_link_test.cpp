// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/peer_link.hpp"

#include <functional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/core/runtime/peer_server.hpp"

namespace ftcore {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

/// Two ends on one loop, and what they have said, in order.
class PeerConnection : public testing::Test {
  protected:
    PeerConnection() {
        // A port that was free a moment ago: two tests do not run in one process at a time.
        boost::asio::ip::tcp::acceptor acceptor(loop, {boost::asio::ip::address_v4::loopback(), 0});
        at = {.host = "127.0.0.1", .port = acceptor.local_endpoint().port()};
    }

    void serve(const std::string& cluster = "one") {
        PeerServer::Callbacks callbacks;
        callbacks.admit = [cluster](const Hello& hello) -> Result<> {
            if (hello.cluster != cluster) return faultline::fail("another group");
            return {};
        };
        callbacks.joined = [this](NodeId peer, std::uint64_t incarnation) {
            said.push_back("joined " + std::to_string(peer) + " " + std::to_string(incarnation));
        };
        callbacks.frame = [this](NodeId, Frame frame) { frames.push_back(std::move(frame)); };
        callbacks.lost = [this](NodeId peer) {
            said.push_back("server lost " + std::to_string(peer));
        };
        callbacks.broken = [this](NodeId, const std::string& reason) {
            said.push_back("broken: " + reason);
        };
        auto listening = PeerServer::listen(loop,
                                            at,
                                            Hello{.cluster = cluster, .node = 2, .incarnation = 22},
                                            std::move(callbacks));
        ASSERT_TRUE(listening) << listening.error().message;
        server = std::move(*listening);
    }

    void connect() {
        PeerLink::Callbacks callbacks;
        callbacks.connected = [this](std::uint64_t incarnation) {
            said.push_back("connected " + std::to_string(incarnation));
        };
        const auto say = [this](const char* what) {
            return [this, what] { said.emplace_back(what); };
        };
        callbacks.lost = say("lost");
        callbacks.refused = say("refused");
        callbacks.timed_out = say("timed out");
        callbacks.accepted = say("accepted");
        callbacks.broken = [this](const std::string& reason) {
            said.push_back("link broken: " + reason);
        };
        link = std::make_unique<PeerLink>(
            loop, at, Hello{.cluster = "one", .node = 1, .incarnation = 11}, std::move(callbacks));
        link->start();
    }

    /// Runs the loop until `what` has been said. Fails after 30 s.
    void wait_for(const std::string& what) {
        wait_until([&] { return std::find(said.begin(), said.end(), what) != said.end(); });
        EXPECT_THAT(said, Contains(what));
    }
    void wait_until(const std::function<bool()>& condition) {
        const Instant deadline = faultline::now() + 30s;
        while (!condition() && faultline::now() < deadline)
            loop.run_one_for(1s);
        loop.restart();
    }

    boost::asio::io_context loop;
    PeerEndpoint at;
    std::vector<std::string> said;
    std::vector<Frame> frames;
    std::unique_ptr<PeerServer> server;
    std::unique_ptr<PeerLink> link;
};

TEST_F(PeerConnection, GreetsAndCarriesFramesInOrder) {
    serve();
    connect();
    wait_for("connected 22");
    wait_for("joined 1 11");
    for (std::uint64_t sequence = 1; sequence <= 100; ++sequence)
        link->send({.beat = Beat{.sequence = sequence}});
    link->flush();
    const auto beats = [this] {
        std::vector<std::uint64_t> sequences;
        for (const Frame& frame : frames) {
            if (frame.beat) sequences.push_back(frame.beat->sequence);
        }
        return sequences;
    };
    wait_until([&] { return beats().size() == 100; });
    const auto sequences = beats();
    ASSERT_EQ(sequences.size(), 100U);
    EXPECT_TRUE(std::is_sorted(sequences.begin(), sequences.end()));
}

TEST_F(PeerConnection, SaysThatNobodyListensAndGoesOnTrying) {
    connect();
    wait_for("refused");
    EXPECT_FALSE(link->connected());
    serve();
    wait_for("connected 22");
    server.reset();
    wait_for("lost");
}

TEST_F(PeerConnection, AProbeTellsWhetherAnybodyAccepts) {
    serve();
    connect();
    wait_for("connected 22");
    link->probe();
    wait_for("accepted");
}

TEST_F(PeerConnection, AStrangerIsTurnedAwayWithTheReason) {
    serve("two");
    connect();
    wait_for("broken: another group");
    EXPECT_FALSE(link->connected());
}

}  // namespace
}  // namespace ftcore
