// SPDX-License-Identifier: Apache-2.0
// Opening, moving, disabling and removing links.
#include "harness/inject/link/engine.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <filesystem>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/inject/link/address.hpp"
#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;

/// Whether a connection through `address` reaches `server`.
bool reaches(const std::string& address, TestServer& server) {
    Wire client = Wire::connect(address);
    if (!client) return false;
    Wire served = server.accept();
    return served && client.send("ping") && served.read(4) == "ping";
}

/// A folder that is gone with its owner.
class Folder {
  public:
    Folder() {
        std::string name = std::filesystem::temp_directory_path() / "link_test_XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::filesystem::path path(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

TEST(Engine, RefusesASecondLinkOfTheSameName) {
    TestServer server;
    const OneLink link = one_link(server.address());
    const auto second =
        link.engine->open({.name = "a->b", .listen = "127.0.0.1:0", .upstream = server.address()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::exists);
}

TEST(Engine, SaysWhyAnAddressCannotBeListenedOn) {
    TestServer server;
    const OneLink link = one_link(server.address());
    const auto second =
        link.engine->open({.name = "other", .listen = link.address, .upstream = server.address()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::failed);
    EXPECT_EQ(second.error().message,
              "listen tcp " + link.address + ": bind: address already in use");
    // Nothing is left behind: the name is free.
    EXPECT_TRUE(link.engine->open(
        {.name = "other", .listen = "127.0.0.1:0", .upstream = server.address()}));
}

TEST(Engine, RefusesWhatIsNoAddress) {
    const OneLink link = one_link("127.0.0.1:1");
    for (const auto& [listen, upstream] :
         {std::pair{"nonsense", "127.0.0.1:1"}, {"127.0.0.1:0", "127.0.0.1:0"}}) {
        const auto opened =
            link.engine->open({.name = "x", .listen = listen, .upstream = upstream});
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, ErrorCode::invalid);
    }
}

TEST(Engine, RemovesALinkWithItsConnections) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Wire client = Wire::connect(link.address);
    Wire served = server.accept();
    EXPECT_TRUE(served.send("hello"));
    EXPECT_EQ(client.read(5), "hello");
    EXPECT_TRUE(client.send("in flight"));
    link.engine->remove(link.id);
    EXPECT_EQ(served.read_to_end(), "in flight");
    EXPECT_EQ(served.ending(), Ending::end);
    EXPECT_EQ(client.wait_for_end(), Ending::end);
    EXPECT_FALSE(Wire::connect(link.address));
    EXPECT_EQ(link.engine->listen_address(link.id), "");
    EXPECT_EQ(link.engine->counts(link.id).accepted, 0U);
    link.engine->remove(link.id);
    link.put("late", on_both<SliceStage>(std::size_t{1}));
}

TEST(Engine, RemovesALinkWhosePeersDoNotRead) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Wire client = Wire::connect(link.address);
    Wire served = server.accept();
    EXPECT_GT(client.send_until_blocked(), 0U);
    link.engine->remove(link.id);
    EXPECT_EQ(client.wait_for_end(), Ending::reset);
    EXPECT_EQ(served.wait_for_end(), Ending::reset);
}

TEST(Engine, DisablesAndEnablesAtTheSameAddress) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Wire client = Wire::connect(link.address);
    Wire served = server.accept();
    ASSERT_TRUE(link.engine->set_enabled(link.id, false));
    EXPECT_FALSE(link.engine->enabled(link.id));
    EXPECT_EQ(client.wait_for_end(), Ending::end);
    EXPECT_FALSE(Wire::connect(link.address));
    EXPECT_EQ(link.engine->listen_address(link.id), link.address);
    ASSERT_TRUE(link.engine->set_enabled(link.id, true));
    EXPECT_TRUE(reaches(link.address, server));
}

TEST(Engine, StaysDisabledWhenTheAddressWasTaken) {
    TestServer server;
    const OneLink link = one_link(server.address());
    ASSERT_TRUE(link.engine->set_enabled(link.id, false));
    {
        const TestServer thief(link.address);
        const auto enabled = link.engine->set_enabled(link.id, true);
        ASSERT_FALSE(enabled);
        EXPECT_THAT(enabled.error().message, HasSubstr("address already in use"));
        EXPECT_FALSE(link.engine->enabled(link.id));
        EXPECT_EQ(link.engine->listen_address(link.id), link.address);
    }
    ASSERT_TRUE(link.engine->set_enabled(link.id, true));
    EXPECT_TRUE(reaches(link.address, server));
}

TEST(Engine, OpensALinkThatIsNotEnabledYet) {
    TestServer server;
    auto engine = link::Engine::start({});
    ASSERT_TRUE(engine);
    const auto id = (*engine)->open(
        {.name = "later", .listen = "127.0.0.1:0", .upstream = server.address(), .enabled = false});
    ASSERT_TRUE(id);
    EXPECT_FALSE((*engine)->enabled(*id));
    ASSERT_TRUE((*engine)->set_enabled(*id, true));
    EXPECT_TRUE(reaches((*engine)->listen_address(*id), server));
}

TEST(Engine, MovesALink) {
    TestServer first;
    TestServer second;
    const OneLink link = one_link(first.address());
    Wire client = Wire::connect(link.address);
    ASSERT_TRUE(first.accept());
    // The same address to listen on: only the upstream moves.
    ASSERT_TRUE(link.engine->set_addresses(link.id, link.address, second.address()));
    EXPECT_NE(client.wait_for_end(), Ending::open);
    EXPECT_EQ(link.engine->upstream_address(link.id), second.address());
    EXPECT_TRUE(reaches(link.address, second));
    ASSERT_TRUE(link.engine->set_addresses(link.id, "127.0.0.1:0", first.address()));
    const std::string moved = link.engine->listen_address(link.id);
    EXPECT_NE(moved, link.address);
    EXPECT_TRUE(reaches(moved, first));
    EXPECT_FALSE(Wire::connect(link.address));
}

TEST(Engine, ChangesNothingWhenALinkCannotMove) {
    TestServer server;
    const OneLink link = one_link(server.address());
    Wire client = Wire::connect(link.address);
    Wire served = server.accept();
    EXPECT_FALSE(link.engine->set_addresses(link.id, server.address(), "127.0.0.1:1"));
    EXPECT_FALSE(link.engine->set_addresses(link.id, "127.0.0.1:0", "nonsense"));
    EXPECT_EQ(link.engine->listen_address(link.id), link.address);
    EXPECT_EQ(link.engine->upstream_address(link.id), server.address());
    EXPECT_TRUE(client.send("still here"));
    EXPECT_EQ(served.read(10), "still here");
    EXPECT_TRUE(reaches(link.address, server));
}

TEST(Engine, CarriesUnixSocketsAndRemovesTheirFiles) {
    const Folder folder;
    const std::string upstream = "unix:" + folder.path("server").string();
    const std::string listen = "unix:" + folder.path("proxy").string();
    TestServer server(upstream);
    {
        const OneLink link = one_link(upstream, {}, listen);
        EXPECT_EQ(link.address, listen);
        Wire client = Wire::connect(listen);
        Wire served = server.accept();
        const std::string bytes = noise(4'000'000, 5);
        std::thread writing([&] {
            EXPECT_TRUE(client.send(bytes));
            client.finish();
        });
        EXPECT_TRUE(served.read_to_end() == bytes);
        writing.join();
        EXPECT_TRUE(served.send("answer"));
        EXPECT_EQ(client.read(6), "answer");
    }
    EXPECT_FALSE(std::filesystem::exists(folder.path("proxy")));
    EXPECT_TRUE(std::filesystem::exists(folder.path("server")));
}

TEST(Engine, RefusesAtASocketFileThatStays) {
    const Folder folder;
    const std::string listen = "unix:" + folder.path("proxy").string();
    TestServer server;
    {
        const OneLink link = one_link(server.address(), {}, listen);
        for (int round = 0; round < 2; ++round) {
            link.put("down", effect({.door = link::Door::refuse}));
            EXPECT_FALSE(Wire::connect(listen));
            EXPECT_EQ(errno, ECONNREFUSED);
            EXPECT_TRUE(std::filesystem::exists(folder.path("proxy")));
            link.take("down");
            EXPECT_TRUE(reaches(listen, server));
        }
        link.put("down", effect({.door = link::Door::refuse}));
    }
    EXPECT_FALSE(std::filesystem::exists(folder.path("proxy")));
}

TEST(Engine, ReplacesASocketFileWhoseOwnerIsGone) {
    const Folder folder;
    const std::string listen = "unix:" + folder.path("proxy").string();
    { const TestServer killed(listen); }  // closes, and leaves the file
    ASSERT_TRUE(std::filesystem::exists(folder.path("proxy")));
    TestServer server;
    const OneLink link = one_link(server.address(), {}, listen);
    EXPECT_TRUE(reaches(listen, server));
    auto other = link::Engine::start({});
    const auto second =
        (*other)->open({.name = "x", .listen = listen, .upstream = server.address()});
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("listen unix "));
    EXPECT_TRUE(reaches(listen, server));
}

TEST(Engine, CarriesIpv6) {
    TestServer server("[::1]:0");
    const OneLink link = one_link(server.address(), {}, "[::1]:0");
    EXPECT_THAT(link.address, HasSubstr("[::1]:"));
    EXPECT_TRUE(reaches(link.address, server));
}

TEST(Engine, TriesEveryAddressOfAName) {
    // "localhost" is 127.0.0.1 first, where nobody listens on this port.
    TestServer server("[::1]:0");
    const std::string port = server.address().substr(server.address().rfind(':'));
    auto names = link::resolve_address("localhost" + port, link::AddressUse::connect);
    ASSERT_TRUE(names);
    if (names->size() < 2) GTEST_SKIP() << "localhost has one address here";
    const OneLink link = one_link("localhost" + port);
    EXPECT_TRUE(reaches(link.address, server));
}

TEST(Engine, ResetsEverythingWhenItGoes) {
    TestServer server;
    Wire client;
    Wire served;
    Wire stalled;
    std::string address;
    {
        const OneLink link = one_link(server.address());
        address = link.address;
        client = Wire::connect(address);
        served = server.accept();
        link.put("stall", on_both<StallStage>());
        EXPECT_TRUE(client.send("held"));
        stalled = Wire::connect(address);
    }
    EXPECT_EQ(client.wait_for_end(), Ending::reset);
    EXPECT_EQ(served.wait_for_end(), Ending::reset);
    EXPECT_EQ(stalled.wait_for_end(), Ending::reset);
    EXPECT_FALSE(Wire::connect(address));
}

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
