// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/time.hpp"
#include "tests/unit/inject/toxiproxy/api.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

// What Toxiproxy's own server gets wrong, and ours must not; see also tests/e2e/proxy_test.cpp.

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t three_megabytes = 3'000'000;

/// Sends so much as soon as a client is there, then the end.
TestServer sender(std::size_t bytes) {
    return TestServer([bytes](Peer& peer) {
        peer.send(std::string(bytes, 'x'));
        peer.finish();
        static_cast<void>(peer.receive_all());
    });
}

TEST(ToxiproxyFaults, HalfCloseIsKept) {
    const TestServer server([](Peer& peer) {
        const std::string question = peer.receive_all();
        peer.send("answer to " + question);
    });
    Api api;
    const std::string listen = api.proxy("p", server.address());
    for (const Json& toxic : {Json{{"type", "noop"}},
                              Json{{"type", "latency"}, {"attributes", {{"latency", 20}}}},
                              Json{{"type", "slicer"}, {"attributes", {{"average_size", 3}}}}}) {
        Peer client = Peer::connect(listen);
        client.send("question");
        client.finish();
        EXPECT_EQ(client.receive_all(), "answer to question") << api.get("/proxies/p").body;
        EXPECT_EQ(client.end(), End::closed);
        EXPECT_EQ(api.toxic(toxic), 200);
    }
}

TEST(ToxiproxyFaults, ToxicityZeroIsNothing) {
    const TestServer server = sender(three_megabytes);
    Api api;
    const std::string listen = api.proxy("p", server.address());
    for (const char* type : {"reset_peer", "timeout", "limit_data", "bandwidth"})
        EXPECT_EQ(api.toxic({{"type", type}, {"toxicity", 0}}), 200);
    for (int i = 0; i < 5; ++i) {
        Peer client = Peer::connect(listen);
        EXPECT_EQ(client.receive_all().size(), three_megabytes);
        EXPECT_EQ(client.end(), End::closed);
        client.finish();
    }
}

TEST(ToxiproxyFaults, AClientThatStopsReadingBlocksNobody) {
    const TestServer server = sender(200'000'000);
    Api api;
    const std::string listen = api.proxy("p", server.address());
    auto client = std::make_unique<Peer>(Peer::connect(listen));
    const link::Proxy& proxy = api.set().all().at("p");
    // Until every buffer on the way is full.
    std::uint64_t sent = 0;
    int same = 0;
    EXPECT_TRUE(eventually([&] {
        const std::uint64_t now_sent = api.set().counts(proxy).down.sent;
        same = now_sent == sent && sent > 0 ? same + 1 : 0;
        sent = now_sent;
        return same > 50;
    }));
    EXPECT_EQ(api.toxic({{"type", "latency"}, {"attributes", {{"latency", 1000}}}}), 200);
    EXPECT_EQ(api.get("/proxies").status, 200);
    EXPECT_EQ(api.request("POST", "/reset").status, 204);
    client.reset();  // it goes with everything unread
    EXPECT_EQ(api.toxic({{"type", "noop"}}), 200);
    EXPECT_EQ(api.post("/proxies/p", {{"enabled", false}}).status, 200);
    EXPECT_EQ(api.request("DELETE", "/proxies/p").status, 204);
}

TEST(ToxiproxyFaults, AnUpstreamThatDoesNotAnswerTheConnectBlocksNobody) {
    const SilentPort silent;
    Api api;
    const std::string listen = api.proxy("p", silent.address());
    Peer client = Peer::connect(listen);
    ASSERT_TRUE(client.connected());
    client.send("x");
    const link::Proxy& proxy = api.set().all().at("p");
    EXPECT_TRUE(eventually([&] { return api.set().counts(proxy).open == 1; }));
    EXPECT_EQ(api.toxic({{"type", "noop"}}), 200);
    EXPECT_EQ(api.post("/proxies/p", {{"enabled", false}}).status, 200);
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_NE(client.end(), End::late);
    EXPECT_EQ(api.post("/proxies/p", {{"enabled", true}}).status, 200);
    Peer another = Peer::connect(listen);
    EXPECT_EQ(api.request("DELETE", "/proxies/p").status, 204);
    EXPECT_EQ(api.get("/proxies").body, "{}\n");
}

TEST(ToxiproxyFaults, AbsurdValuesAreRefusedWithTheirRange) {
    Api api;
    api.proxy("p", "127.0.0.1:1");
    const std::int64_t absurd = 9'000'000'000'000'000'000;
    const std::vector<std::pair<std::string, Json>> wrong{
        {"slicer", Json::object()},
        {"slicer", {{"average_size", 0}}},
        {"slicer", {{"average_size", 10}, {"size_variation", 11}}},
        {"slicer", {{"average_size", 10}, {"delay", -1}}},
        {"bandwidth", {{"rate", -1}}},
        {"bandwidth", {{"rate", absurd}}},
        {"latency", {{"jitter", absurd}}},
        {"latency", {{"latency", -1}}},
        {"timeout", {{"timeout", -1}}},
        {"reset_peer", {{"timeout", absurd}}},
        {"slow_close", {{"delay", -1}}},
        {"limit_data", {{"bytes", -1}}}};
    for (const auto& [type, attributes] : wrong) {
        const auto response =
            api.post("/proxies/p/toxics", {{"type", type}, {"attributes", attributes}});
        EXPECT_EQ(response.status, 400) << type << attributes;
        EXPECT_THAT(json_of(response).at("error").get<std::string>(),
                    ::testing::ContainsRegex("[0-9] to [0-9]|at most|at least|below"))
            << type << attributes;
    }
    EXPECT_EQ(api.get("/proxies/p/toxics").body, "[]\n");
}

// 6: the seed, see seed_test.cpp.

TEST(ToxiproxyFaults, AConnectionKeepsItsFateWhateverElseChanges) {
    const TestServer server(echo);
    Api api;
    const std::string listen = api.proxy("p", server.address());
    EXPECT_EQ(api.toxic({{"name", "flip"},
                         {"type", "link.corrupt"},
                         {"stream", "upstream"},
                         {"toxicity", 0.5},
                         {"attributes", {{"rate", "100%"}}}}),
              200);
    std::vector<Peer> clients;
    for (int i = 0; i < 40; ++i)
        clients.push_back(Peer::connect(listen));
    const auto fates = [&] {
        std::string hit;
        for (Peer& client : clients) {
            client.send("A");
            hit += client.receive(1) == "A" ? '.' : 'X';
        }
        return hit;
    };
    const std::string before = fates();
    EXPECT_NE(before.find('X'), std::string::npos);
    EXPECT_NE(before.find('.'), std::string::npos);
    api.toxic({{"type", "noop"}, {"toxicity", 0.3}});
    EXPECT_EQ(fates(), before) << "another toxic comes";
    api.post("/proxies/p/toxics/noop_downstream", {{"toxicity", 0.9}});
    EXPECT_EQ(fates(), before) << "another toxic changes";
    api.post("/proxies/p/toxics/flip", {{"attributes", {{"rate", "100%"}}}});
    EXPECT_EQ(fates(), before) << "its own attributes change";
    api.request("DELETE", "/proxies/p/toxics/noop_downstream");
    EXPECT_EQ(fates(), before) << "another toxic goes";
    api.post("/proxies/p/toxics/flip", {{"toxicity", 0.75}});
    const std::string more = fates();
    for (std::size_t i = 0; i < before.size(); ++i)
        EXPECT_FALSE(before[i] == 'X' && more[i] == '.') << "a higher toxicity spares nobody anew";
}

TEST(ToxiproxyFaults, TimeoutClosesABusyConnection) {
    const TestServer server(echo);
    Api api;
    Peer client = Peer::connect(api.proxy("p", server.address()));
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    EXPECT_EQ(api.toxic({{"type", "timeout"}, {"attributes", {{"timeout", 500}}}}), 200);
    // It sends without a pause until it is told.
    const Instant start = now();
    std::thread reading([&client] { static_cast<void>(client.receive_all()); });
    const Instant deadline = start + std::chrono::seconds(patience_seconds);
    while (client.send("busy") && now() < deadline)
        std::this_thread::yield();
    EXPECT_LT(now(), deadline) << "it was never closed";
    reading.join();
    EXPECT_GE(now() - start, milliseconds(500));
    EXPECT_NE(client.end(), End::late);
}

TEST(ToxiproxyFaults, ResetPeerResetsAConnectionThatWasThereBefore) {
    const TestServer server(echo);
    Api api;
    Peer client = Peer::connect(api.proxy("p", server.address()));
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    // Nothing flows from here on.
    EXPECT_EQ(api.toxic({{"type", "reset_peer"}, {"attributes", {{"timeout", 20}}}}), 200);
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(client.end(), End::reset);
}

TEST(ToxiproxyFaults, NothingInABodyIsIgnoredInSilence) {
    const TestServer server(echo);
    Api api;
    api.proxy("p", server.address());
    for (const char* body : {R"({"type": "latency", "latency": 77})",
                             R"({"type": "latency", "attributes": {"delay": 77}})",
                             R"({"type": "latency", "atributes": {}})",
                             R"({"type": "noop"} {"type": "timeout"})",
                             R"({"type": "noop"} garbage)"}) {
        const auto response = api.request("POST", "/proxies/p/toxics", body);
        EXPECT_EQ(response.status, 400) << body;
        EXPECT_THAT(json_of(response).at("error").get<std::string>(),
                    HasSubstr("bad request body: 1:"));
    }
    EXPECT_EQ(
        api.request("POST", "/proxies", R"({"name": "q", "upstream": "a:1", "port": 5})").status,
        400);
    EXPECT_EQ(
        api.request("POST", "/populate", R"([{"name": "q", "upstream": "a:1", "x": 5}])").status,
        400);
    // Toxics of a new proxy are no decoration.
    const auto made = api.post(
        "/proxies",
        {{"name", "r"},
         {"upstream", server.address()},
         {"toxics", Json::array({{{"type", "latency"}, {"attributes", {{"latency", 60}}}}})}});
    Peer client = Peer::connect(json_of(made).at("listen"));
    const Instant start = now();
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    EXPECT_GE(now() - start, milliseconds(60));
}

TEST(ToxiproxyFaults, AStreamInCapitalsIsTheSameStream) {
    Api api;
    api.proxy("p", "127.0.0.1:1");
    EXPECT_EQ(api.toxic({{"type", "noop"}, {"stream", "upstream"}}), 200);
    EXPECT_EQ(api.toxic({{"type", "noop"}, {"stream", "UPSTREAM"}}), 409);
    const auto made =
        api.post("/proxies/p/toxics", {{"name", "x"}, {"type", "noop"}, {"stream", "UpStream"}});
    EXPECT_EQ(json_of(made).at("stream"), "upstream");
}

TEST(ToxiproxyFaults, AFailedMoveKeepsTheWorkingAddress) {
    const TestServer server(echo);
    const TakenPort taken;
    Api api;
    const std::string listen = api.proxy("p", server.address());
    const auto moved = api.post("/proxies/p", {{"listen", taken.address()}});
    EXPECT_EQ(moved.status, 500);
    EXPECT_EQ(json_of(api.get("/proxies/p")).at("listen"), listen);
    EXPECT_EQ(json_of(api.get("/proxies/p")).at("enabled"), true);
    Peer client = Peer::connect(listen);
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    // The same in one step with enabling.
    EXPECT_EQ(api.post("/proxies/p", {{"enabled", false}}).status, 200);
    EXPECT_EQ(api.post("/proxies/p", {{"listen", taken.address()}, {"enabled", true}}).status, 500);
    EXPECT_EQ(json_of(api.get("/proxies/p")).at("listen"), listen);
    EXPECT_EQ(api.request("POST", "/reset").status, 204);
    Peer again = Peer::connect(listen);
    again.send("x");
    EXPECT_EQ(again.receive(1), "x");
}

TEST(ToxiproxyFaults, ResetGoesOnPastAProxyThatCannotBeEnabled) {
    const TestServer server(echo);
    TakenPort taken;
    Api api;
    const auto stuck = api.post("/proxies",
                                {{"name", "a"},
                                 {"listen", taken.address()},
                                 {"upstream", server.address()},
                                 {"enabled", false}});
    EXPECT_EQ(stuck.status, 201);
    EXPECT_EQ(api.post("/proxies/a", {{"enabled", true}}).status, 500);
    const std::string listen = api.proxy("p", server.address());
    api.toxic({{"type", "timeout"}});
    api.post("/proxies/p", {{"enabled", false}});
    const auto reset = api.request("POST", "/reset");
    EXPECT_EQ(reset.status, 500);
    EXPECT_THAT(json_of(reset).at("error").get<std::string>(), HasSubstr("address already in use"));
    Peer client = Peer::connect(listen);
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    taken.release();
    EXPECT_EQ(api.request("POST", "/reset").status, 204);
    EXPECT_EQ(json_of(api.get("/proxies/a")).at("enabled"), true);
}

TEST(ToxiproxyFaults, ANameWithASlashIsReached) {
    Api api;
    api.proxy("a/b c", "127.0.0.1:1");
    EXPECT_EQ(json_of(api.get("/proxies/a%2Fb%20c")).at("name"), "a/b c");
    EXPECT_EQ(api.post("/proxies/a%2fb%20c/toxics", {{"type", "noop"}, {"name", "x/y"}}).status,
              200);
    EXPECT_EQ(api.get("/proxies/a%2Fb%20c/toxics/x%2Fy").status, 200);
    EXPECT_EQ(api.request("DELETE", "/proxies/a%2Fb%20c/toxics/x%2Fy").status, 204);
    EXPECT_EQ(api.request("DELETE", "/proxies/a%2Fb%20c").status, 204);
    for (const char* name : {".", ".."}) {
        EXPECT_EQ(api.post("/proxies", {{"name", name}, {"upstream", "127.0.0.1:1"}}).status, 400)
            << "no URL reaches it";
    }
}

// 12: descriptors, see tests/e2e/proxy_test.cpp; metrics while a connection is open, see
// metrics_test.cpp.

TEST(ToxiproxyFaults, BandwidthIsMetAboveAHundredMegabytesPerSecond) {
    constexpr std::size_t bytes = 100'000'000;
    const TestServer server = sender(bytes);
    Api api;
    const std::string listen = api.proxy("p", server.address());
    EXPECT_EQ(api.toxic({{"type", "bandwidth"}, {"attributes", {{"rate", 200'000}}}}), 200);
    Peer client = Peer::connect(listen);
    const Instant start = now();
    EXPECT_EQ(client.receive_all().size(), bytes);
    const double rate = static_cast<double>(bytes) / seconds_of(now() - start);
    RecordProperty("megabytes_per_second", std::to_string(rate / 1e6));
    EXPECT_LE(rate, 220e6);
    EXPECT_GE(rate, 20e6) << "on the busiest of machines";
}

}  // namespace
}  // namespace faultline::testing
