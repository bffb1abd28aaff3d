// SPDX-License-Identifier: Apache-2.0
// Opening, moving, disabling and removing links.
#include "harness/inject/link/engine.hpp"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace faultline::testing
