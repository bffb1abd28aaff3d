// SPDX-License-Identifier: Apache-2.0
// Unix sockets, IPv6, and names with several addresses.
#include <cerrno>
#include <filesystem>
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

TEST(UnixLink, CarriesUnixSocketsAndRemovesTheirFiles) {
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

TEST(UnixLink, RefusesAtASocketFileThatStays) {
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

TEST(UnixLink, ReplacesASocketFileWhoseOwnerIsGone) {
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

TEST(LinkAddress, CarriesIpv6) {
    TestServer server("[::1]:0");
    const OneLink link = one_link(server.address(), {}, "[::1]:0");
    EXPECT_THAT(link.address, HasSubstr("[::1]:"));
    EXPECT_TRUE(reaches(link.address, server));
}

TEST(LinkAddress, TriesEveryAddressOfAName) {
    // "localhost" is 127.0.0.1 first, where nobody listens on this port.
    TestServer server("[::1]:0");
    const std::string port = server.address().substr(server.address().rfind(':'));
    auto names = link::resolve_address("localhost" + port, link::AddressUse::connect);
    ASSERT_TRUE(names);
    if (names->size() < 2) GTEST_SKIP() << "localhost has one address here";
    const OneLink link = one_link("localhost" + port);
    EXPECT_TRUE(reaches(link.address, server));
}

}  // namespace
}  // namespace faultline::testing
