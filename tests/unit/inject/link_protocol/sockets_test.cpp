// SPDX-License-Identifier: Apache-2.0
// link.error in the engine, between real clients and servers.
#include <atomic>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"
#include "harness/inject/link/engine.hpp"
#include "tests/unit/inject/link_protocol/socket_servers.hpp"
#include "tests/unit/inject/link_protocol/talk.hpp"

namespace faultline::link::test {
namespace {

using testing::eventually;
using testing::Wire;

/// A link to a server, on which the fault comes and goes.
class ErrorLink {
  public:
    explicit ErrorLink(const std::string& upstream) {
        auto engine = Engine::start({.seed = 7});
        EXPECT_TRUE(engine) << engine.error().message;
        engine_ = std::move(*engine);
        const auto link =
            engine_->open({.name = "to", .listen = "127.0.0.1:0", .upstream = upstream});
        EXPECT_TRUE(link) << link.error().message;
        link_ = *link;
    }
    [[nodiscard]] Wire connect() const { return Wire::connect(engine_->listen_address(link_)); }
    void put(ErrorSpec spec) {
        auto effect = make_error(std::move(spec));
        ASSERT_TRUE(effect) << effect.error().message;
        engine_->apply({{.link = link_, .id = "error", .effect = *effect, .tally = tally_}});
    }
    void take() { engine_->apply({{.link = link_, .id = "error"}}); }
    [[nodiscard]] const Tally& tally() const { return *tally_; }

  private:
    std::shared_ptr<Tally> tally_ = std::make_shared<Tally>();
    std::unique_ptr<Engine> engine_;
    LinkId link_{};
};

/// Sends a request and reads as much as the answer that is expected has.
std::string exchange(Wire& wire, const std::string& request, std::string_view expected) {
    return wire.send(request) ? wire.read(expected.size()) : "not sent";
}

TEST(LinkErrorSockets, AnswersHttpRequestsWhileItLasts) {
    PathServer server;
    ErrorLink link(server.address());
    Wire early = link.connect();
    EXPECT_EQ(exchange(early, get("/before"), ok("/before")), ok("/before"));
    link.put(answering({.path = "/broken"}));
    Wire late = link.connect();
    for (Wire* wire : {&early, &late}) {
        EXPECT_EQ(exchange(*wire, get("/fine"), ok("/fine")), ok("/fine"));
        EXPECT_EQ(exchange(*wire, get("/broken"), refusal()), refusal());
        const std::string both = refusal() + ok("/2") + refusal();
        EXPECT_EQ(exchange(*wire, get("/broken") + get("/2") + get("/broken"), both), both);
    }
    EXPECT_EQ(link.tally().answered.get(), 6U);
    EXPECT_EQ(link.tally().status(), 503);
    link.take();
    for (Wire* wire : {&early, &late})
        EXPECT_EQ(exchange(*wire, get("/broken"), ok("/broken")), ok("/broken"));
}

TEST(LinkErrorSockets, ClosesAndResetsHttpConnections) {
    PathServer server;
    ErrorLink link(server.address());
    ErrorSpec closing = answering({.path = "/broken"});
    closing.http.closes = true;
    link.put(closing);
    Wire wire = link.connect();
    ASSERT_TRUE(wire.send(get("/1") + get("/broken") + get("/2")));
    const std::string all = wire.read_to_end();
    EXPECT_TRUE(all.starts_with(ok("/1") + "HTTP/1.1 503")) << all;
    EXPECT_TRUE(all.ends_with("Connection: close\r\n\r\n")) << all;
    EXPECT_EQ(wire.ending(), testing::Ending::end);
    link.put(acting(ErrorAction::reset, {.path = "/broken"}));
    Wire other = link.connect();
    EXPECT_EQ(exchange(other, get("/1"), ok("/1")), ok("/1"));
    ASSERT_TRUE(other.send(get("/broken")));
    EXPECT_EQ(other.read_to_end(), "");
    EXPECT_EQ(other.ending(), testing::Ending::reset);
}

TEST(LinkErrorSockets, HoldsRequestsForTheDelay) {
    PathServer server;
    ErrorLink link(server.address());
    link.put(acting(ErrorAction::delay, {.path = "/slow"}));
    Wire wire = link.connect();
    const Instant begin = now();
    EXPECT_EQ(exchange(wire, get("/slow"), ok("/slow")), ok("/slow"));
    EXPECT_GE(now() - begin, std::chrono::milliseconds(50));
    EXPECT_EQ(link.tally().held_up.get(), 1U);
    ASSERT_TRUE(wire.send(get("/slow") + get("/next")));
    ASSERT_TRUE(eventually([&] { return link.tally().held_up.get() == 2; }));
    link.take();
    EXPECT_EQ(wire.read((ok("/slow") + ok("/next")).size()), ok("/slow") + ok("/next"));
}

TEST(LinkErrorSockets, AnswersRedisRequestsInTheirOrder) {
    const auto redis = RedisServer::start();
    if (!redis) GTEST_SKIP() << "redis-server is not installed";
    ErrorLink link(redis->address());
    ErrorSpec spec = answering({.commands = {"set"}, .key_pattern = "^a"});
    spec.reply = "-LOADING Redis is loading the dataset in memory";
    link.put(spec);
    Wire wire = link.connect();
    const std::string requests = command_text({"SET", "b", std::string(300'000, 'x')}) +
                                 command_text({"SET", "a", std::string(300'000, 'x')}) +
                                 command_text({"STRLEN", "b"}) + command_text({"STRLEN", "a"}) +
                                 command_text({"SET", "a", "1"}) +
                                 command_text({"COMMAND", "COUNT"});
    const std::string expected =
        "+OK\r\n" + spec.reply + "\r\n:300000\r\n:0\r\n" + spec.reply + "\r\n:";
    EXPECT_EQ(exchange(wire, requests, expected), expected);
    EXPECT_EQ(link.tally().answered.get(), 2U);
    EXPECT_EQ(link.tally().requests.get(), 6U);
    EXPECT_EQ(link.tally().unparsed.get(), 0U);
}

TEST(LinkErrorSockets, LeavesRedisSubscriptionsAlone) {
    const auto redis = RedisServer::start();
    if (!redis) GTEST_SKIP() << "redis-server is not installed";
    ErrorLink link(redis->address());
    link.put(answering({.commands = {"ECHO"}}));
    Wire listener = link.connect();
    const std::string subscribed = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n";
    EXPECT_EQ(exchange(listener, command_text({"SUBSCRIBE", "news"}), subscribed), subscribed);
    Wire speaker = link.connect();
    EXPECT_EQ(exchange(speaker, command_text({"PUBLISH", "news", "hi"}), ":1\r\n"), ":1\r\n");
    const std::string message = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n";
    EXPECT_EQ(listener.read(message.size()), message);
    EXPECT_EQ(link.tally().unparsed.get(), 1U);
}

/// A client that pipelines, and knows which reply belongs to which request.
struct EchoClient {
    std::uint64_t echoed = 0;
    std::uint64_t refused = 0;
    std::uint64_t reconnects = 0;
    std::uint64_t wrong = 0;

    void run(const ErrorLink& link, const std::atomic<bool>& stop, int name) {
        Wire wire = link.connect();
        constexpr int burst = 20;
        for (std::uint64_t round = 0; !stop; ++round) {
            std::string requests;
            for (int index = 0; index < burst; ++index)
                requests += command_text({"ECHO", text(name, round, index)});
            bool alive = wire.send(requests);
            for (int index = 0; index < burst && alive; ++index)
                alive = check(wire, text(name, round, index));
            if (alive) continue;
            ++reconnects;
            wire = link.connect();
        }
    }

  private:
    static std::string text(int name, std::uint64_t round, int index) {
        return fmt::format("{}-{:08}-{:02}", name, round, index);
    }
    bool check(Wire& wire, const std::string& text) {
        const std::string begin = wire.read(1);
        if (begin.empty()) return false;
        const std::string echo = fmt::format("${}\r\n{}\r\n", text.size(), text);
        const std::string expected(begin == "-" ? redis_refusal : std::string_view(echo));
        const std::string rest = wire.read(expected.size() - 1);
        if (rest.size() + 1 < expected.size()) return false;
        wrong += begin + rest == expected ? 0 : 1;
        ++(begin == "-" ? refused : echoed);
        return wrong == 0;
    }
};

// The fault comes and goes on connections that are busy all the time: never does a client get
// another request's reply.
TEST(LinkErrorSockets, NeverMixesRepliesUpWhileItComesAndGoes) {
    const auto redis = RedisServer::start();
    if (!redis) GTEST_SKIP() << "redis-server is not installed";
    ErrorLink link(redis->address());
    std::atomic<bool> stop{false};
    constexpr int client_count = 4;
    std::vector<EchoClient> clients(client_count);
    std::vector<std::thread> threads;
    for (int index = 0; index < client_count; ++index) {
        threads.emplace_back(
            [&, index] { clients[static_cast<std::size_t>(index)].run(link, stop, index); });
    }
    ErrorSpec spec = answering();
    spec.how_often.probability = 0.3;
    for (std::uint64_t round = 1; round <= 30; ++round) {
        link.put(spec);
        EXPECT_TRUE(eventually([&] { return link.tally().answered.get() >= round * 50; }));
        link.take();
    }
    stop = true;
    for (std::thread& thread : threads)
        thread.join();
    EchoClient all;
    for (const EchoClient& client : clients) {
        all.echoed += client.echoed;
        all.refused += client.refused;
        all.reconnects += client.reconnects;
        all.wrong += client.wrong;
    }
    EXPECT_EQ(all.wrong, 0U);
    EXPECT_GT(all.echoed, 0U);
    EXPECT_GT(all.refused, 0U);
    RecordProperty("echoed", std::to_string(all.echoed));
    RecordProperty("refused", std::to_string(all.refused));
    RecordProperty("reconnects", std::to_string(all.reconnects));
}

}  // namespace
}  // namespace faultline::link::test
