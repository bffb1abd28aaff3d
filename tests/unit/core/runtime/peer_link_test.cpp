// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/peer_link.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
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
        boost::asio::ip::tcp::acceptor probe(loop, {boost::asio::ip::address_v4::loopback(), 0});
        at = {.host = "127.0.0.1", .port = probe.local_endpoint().port()};
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

    /// Something that accepts in the peer's place. `answer`: says Hello as node 2, after a while.
    void pretend(std::optional<Duration> answer_after) {
        acceptor.emplace(
            loop, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), at.port));
        accept_pretended(answer_after);
    }
    void accept_pretended(std::optional<Duration> answer_after) {
        acceptor->async_accept([this, answer_after](auto error, auto socket) {
            if (error) return;
            pretended.push_back(std::make_shared<boost::asio::ip::tcp::socket>(std::move(socket)));
            if (answer_after) {
                auto timer = std::make_shared<boost::asio::steady_timer>(loop, *answer_after);
                timer->async_wait([timer, peer = pretended.back()](auto) {
                    std::string hello;
                    append_frame(
                        hello,
                        Frame{.hello = Hello{.cluster = "one", .node = 2, .incarnation = 22}});
                    boost::system::error_code ignored;  // it may have been given up meanwhile
                    boost::asio::write(*peer, boost::asio::buffer(hello), ignored);
                });
            }
            accept_pretended(answer_after);
        });
    }
    void stop_pretending() {
        acceptor.reset();
        pretended.clear();
    }

    boost::asio::io_context loop;
    PeerEndpoint at;
    std::optional<boost::asio::ip::tcp::acceptor> acceptor;
    std::vector<std::shared_ptr<boost::asio::ip::tcp::socket>> pretended;
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

TEST_F(PeerConnection, ThatIsAcceptedAndNeverGreetedIsGivenUpAndTriedAgain) {
    pretend(std::nullopt);
    connect();
    wait_until([this] { return std::ranges::count(said, "timed out") >= 3; });
    EXPECT_GE(std::ranges::count(said, "timed out"), 3);
    EXPECT_FALSE(link->connected());
    stop_pretending();
    serve();
    wait_for("connected 22");
}

TEST_F(PeerConnection, OverASlowLinkIsMadeAllTheSame) {
    constexpr Duration slow = 600ms;
    static_assert(slow > PeerLink::hello_first && slow < PeerLink::hello_max);
    pretend(slow);
    connect();
    wait_for("connected 22");
    EXPECT_TRUE(link->connected());
}

TEST_F(PeerConnection, OnWhichNothingMoreIsTakenIsReplaced) {
    pretend(Duration::zero());
    connect();
    wait_for("connected 22");
    const std::size_t before = pretended.size();
    Frame frame;
    frame.messages.push_back(
        {.to = 2,
         .term = 1,
         .body = AppendRequest{.entries = {{.data = std::string(1 << 20, 'x')}}}});
    for (int megabyte = 0; megabyte < 64; ++megabyte)
        link->send(frame);
    link->flush();
    wait_for("lost");
    wait_until([&] { return pretended.size() > before && link->connected(); });
    EXPECT_TRUE(link->connected());
}

TEST_F(PeerConnection, ToAnotherNodeThanWasMeantIsRefused) {
    serve();
    at.node = 3;
    connect();
    wait_until([this] { return said.size() > 1; });
    EXPECT_THAT(said,
                Contains("link broken: node 2 answers at its address 127.0.0.1:" +
                         std::to_string(at.port)));
    EXPECT_FALSE(link->connected());
}

/// A peer's connection as bytes.
class RawPeer {
  public:
    RawPeer(boost::asio::io_context& loop, const PeerEndpoint& at) : socket_(loop) {
        socket_.connect({boost::asio::ip::address_v4::loopback(), at.port});
    }
    void say(const Frame& frame) {
        std::string bytes;
        append_frame(bytes, frame);
        boost::asio::write(socket_, boost::asio::buffer(bytes));
    }
    void greet(std::uint64_t incarnation, std::uint64_t connection) {
        say({.hello = Hello{.cluster = "one",
                            .node = 1,
                            .incarnation = incarnation,
                            .connection = connection}});
    }

  private:
    boost::asio::ip::tcp::socket socket_;
};

TEST_F(PeerConnection, TheNewestOfAPeerCountsAndALateOneDoesNot) {
    serve();
    const auto frame_of = [this](std::uint64_t sequence) {
        return std::ranges::any_of(frames, [sequence](const Frame& frame) {
            return frame.beat && frame.beat->sequence == sequence;
        });
    };
    // The first is dead, and nobody has told us.
    RawPeer first(loop, at);
    first.greet(11, 1);
    first.say({.beat = Beat{.sequence = 1}});
    wait_until([&] { return frame_of(1); });
    RawPeer third(loop, at);
    third.greet(11, 3);
    third.say({.beat = Beat{.sequence = 3}});
    wait_until([&] { return frame_of(3); });
    EXPECT_TRUE(server->hears(1));
    // The second was held up on its way, and so was what the first said last.
    RawPeer second(loop, at);
    second.greet(11, 2);
    second.say({.beat = Beat{.sequence = 2}});
    first.say({.beat = Beat{.sequence = 11}});
    third.say({.beat = Beat{.sequence = 33}});
    wait_until([&] { return frame_of(33); });
    EXPECT_FALSE(frame_of(2));
    EXPECT_FALSE(frame_of(11));
    // Another process takes over from all of them.
    auto other = std::make_unique<RawPeer>(loop, at);
    other->greet(12, 1);
    other->say({.beat = Beat{.sequence = 4}});
    wait_until([&] { return frame_of(4); });
    RawPeer fourth(loop, at);
    fourth.greet(11, 4);
    fourth.say({.beat = Beat{.sequence = 5}});
    other->say({.beat = Beat{.sequence = 6}});
    wait_until([&] { return frame_of(6); });
    EXPECT_FALSE(frame_of(5));
    EXPECT_EQ(std::ranges::count(said, "server lost 1"), 0) << "replaced is not lost";
    other.reset();
    wait_for("server lost 1");
    EXPECT_FALSE(server->hears(1));
}

TEST_F(PeerConnection, AStrangerIsTurnedAwayWithTheReason) {
    serve("two");
    connect();
    wait_for("broken: another group");
    EXPECT_FALSE(link->connected());
}

}  // namespace
}  // namespace ftcore
