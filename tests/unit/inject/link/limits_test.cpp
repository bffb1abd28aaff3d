// SPDX-License-Identifier: Apache-2.0
// Upstreams that are not there or do not answer; descriptors and connections that run out.
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "harness/inject/link/address.hpp"
#include "harness/inject/link/dial.hpp"
#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

/// A port at which nobody listens.
std::string free_address() {
    return TestServer().address();
}

/// A Unix socket whose queue is full: connecting on to it never ends.
class FullServer {
  public:
    FullServer() {
        std::string name = ::testing::TempDir() + "/link_full_XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        const auto address = link::SocketAddress::of_path(folder_ + "/s");
        fd_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::bind(fd_.get(), address.get(), address.length()), 0);
        EXPECT_EQ(::listen(fd_.get(), 0), 0);
        for (;;) {
            UniqueFd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            if (::connect(client.get(), address.get(), address.length()) != 0) break;
            waiting_.push_back(std::move(client));
        }
    }
    ~FullServer() {
        ::unlink((folder_ + "/s").c_str());
        ::rmdir(folder_.c_str());
    }
    [[nodiscard]] std::string address() const { return "unix:" + folder_ + "/s"; }
    /// Takes in one of those who wait; empty when nobody does.
    [[nodiscard]] Wire accept() {
        return Wire(UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    }

  private:
    std::string folder_;
    UniqueFd fd_;
    std::vector<UniqueFd> waiting_;
};

/// The process may open only so many more descriptors while this is there.
class FewDescriptors {
  public:
    explicit FewDescriptors(int more) {
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
        // The lowest free number: all below it are taken.
        const UniqueFd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        rlimit limit = before_;
        limit.rlim_cur = static_cast<rlim_t>(next.get() + more);
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    ~FewDescriptors() { static_cast<void>(::setrlimit(RLIMIT_NOFILE, &before_)); }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;

  private:
    rlimit before_{};
};

TEST(Upstream, ThatIsDownResetsTheClientAndIsTriedAgain) {
    const std::string address = free_address();
    const OneLink link = one_link(address);
    for (int count = 0; count < 3; ++count) {
        Wire client = Wire::connect(link.address);
        EXPECT_EQ(client.wait_for_end(), Ending::reset);
    }
    EXPECT_EQ(link.engine->counts(link.id).connect_failures, 3U);
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
    TestServer server(address);
    Wire client = Wire::connect(link.address);
    Wire served = server.accept();
    EXPECT_TRUE(client.send("ping"));
    EXPECT_EQ(served.read(4), "ping");
}

TEST(Upstream, ThatHasNoSocketFileResetsTheClient) {
    const OneLink link = one_link("unix:" + ::testing::TempDir() + "/nobody.here");
    Wire client = Wire::connect(link.address);
    EXPECT_EQ(client.wait_for_end(), Ending::reset);
    EXPECT_EQ(link.engine->counts(link.id).connect_failures, 1U);
}

TEST(Upstream, ThatNeverAnswersHoldsUpNoCommand) {
    const FullServer full;
    const OneLink link = one_link(full.address());
    std::vector<Wire> clients;
    for (int count = 0; count < 10; ++count) {
        clients.push_back(Wire::connect(link.address));
        EXPECT_TRUE(clients.back().send("question"));
    }
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 10; }));
    link.put("slow", on_both<DelayStage>(Duration(std::chrono::milliseconds(1))));
    link.take("slow");
    EXPECT_EQ(link.engine->counts(link.id).up.received, 0U);
    ASSERT_TRUE(link.engine->set_enabled(link.id, false));
    for (Wire& client : clients)
        EXPECT_NE(client.wait_for_end(), Ending::open);
    ASSERT_TRUE(link.engine->set_enabled(link.id, true));
    clients.push_back(Wire::connect(link.address));
    link.engine->remove(link.id);
    EXPECT_NE(clients.back().wait_for_end(), Ending::open);
}

TEST(Upstream, ThatHasRoomAgainIsConnectedTo) {
    FullServer full;
    const OneLink link = one_link(full.address());
    Wire client = Wire::connect(link.address);
    EXPECT_TRUE(client.send("question"));
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 1; }));
    // One of those who fill the queue makes room; ours comes behind the others.
    std::vector<Wire> served;
    std::string heard;
    EXPECT_TRUE(eventually([&] {
        served.push_back(full.accept());
        if (!served.back()) served.pop_back();
        for (Wire& one : served) {
            if (one.readable_now()) heard += one.read(8);
        }
        return heard == "question";
    }));
}

TEST(Upstream, ThatDoesNotAnswerInTimeResetsTheClient) {
    const FullServer full;
    const OneLink link =
        one_link(full.address(), {.connect_timeout = std::chrono::milliseconds(30)});
    Wire client = Wire::connect(link.address);
    EXPECT_EQ(client.wait_for_end(), Ending::reset);
    EXPECT_EQ(link.engine->counts(link.id).connect_failures, 1U);
}

TEST(Upstream, IsLeftAloneWhenTheClientGivesUpFirst) {
    const FullServer full;
    const OneLink link = one_link(full.address());
    Wire client = Wire::connect(link.address);
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 1; }));
    client.reset();
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
}

TEST(Upstream, IsNeverTheProxysOwnSocket) {
    // The kernel may pick the port that is dialled to dial from; then the two ends are one socket.
    std::string address = free_address();
    const auto self = link::resolve_address(address, link::AddressUse::connect);
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(fd.get(), self->front().get(), self->front().length()), 0);
    ASSERT_EQ(::connect(fd.get(), self->front().get(), self->front().length()), 0);
    EXPECT_EQ(link::dial_end(fd.get(), self->front()), link::DialEnd::failed);
}

TEST(Limits, TurnAwayWhoComesWhenDescriptorsAreUsedUp) {
#ifdef __SANITIZE_ADDRESS__
    // Built together with the undefined-behaviour sanitizer, which needs a pipe to look at objects.
    GTEST_SKIP() << "the sanitizers need descriptors themselves";
#endif
    TestServer server;
    const OneLink link = one_link(server.address());
    Wire client = Wire::connect(link.address);
    Wire served = server.accept();
    std::vector<Wire> clients;
    // Made before the limit; connected below it.
    std::vector<UniqueFd> sockets;
    for (int count = 0; count < 20; ++count)
        sockets.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = link::resolve_address(link.address, link::AddressUse::connect);
    {
        const FewDescriptors few(3);
        for (UniqueFd& socket : sockets) {
            // Who is turned away at once may hear of it already here.
            const bool connected =
                ::connect(socket.get(), address->front().get(), address->front().length()) == 0;
            ASSERT_TRUE(connected || errno == ECONNRESET);
            if (connected) clients.emplace_back(std::move(socket));
        }
        EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).turned_away == 19; }));
        // There were descriptors for the first alone.
        for (std::size_t index = 1; index < clients.size(); ++index)
            EXPECT_NE(clients[index].wait_for_end(), Ending::open);
        // Who is there already lives on, and commands work.
        EXPECT_TRUE(client.send("ping"));
        EXPECT_EQ(served.read(4), "ping");
        link.put("slice", on_both<SliceStage>(std::size_t{1}));
        EXPECT_TRUE(client.send("pong"));
        EXPECT_EQ(served.read(4), "pong");
        link.put("down", effect({.door = link::Door::refuse}));
        link.take("down");
    }
    clients.clear();
    Wire later = Wire::connect(link.address);
    EXPECT_TRUE(later.send("ping"));
    Wire first = server.accept();
    std::string heard = first.read(4);
    if (heard.empty()) heard = server.accept().read(4);  // the first was one that got in
    EXPECT_EQ(heard, "ping");
}

TEST(Limits, TurnAwayWhoComesWhenConnectionsAreUsedUp) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.connections_max = 2});
    std::vector<Wire> inside;
    for (int count = 0; count < 2; ++count) {
        inside.push_back(Wire::connect(link.address));
        ASSERT_TRUE(server.accept().send("x"));
    }
    Wire outside = Wire::connect(link.address);
    EXPECT_EQ(outside.wait_for_end(), Ending::reset);
    EXPECT_EQ(link.engine->counts(link.id).turned_away, 1U);
    EXPECT_EQ(link.engine->counts(link.id).accepted, 2U);
    inside.clear();
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
    Wire later = Wire::connect(link.address);
    Wire served = server.accept();
    EXPECT_TRUE(later.send("ping"));
    EXPECT_EQ(served.read(4), "ping");
}

}  // namespace
}  // namespace faultline::testing
