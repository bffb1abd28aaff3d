// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/routes.hpp"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/toxiproxy/api.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

namespace faultline::testing {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr const char* upstream = "127.0.0.1:1";

std::string error_of(const link::ApiResponse& response) {
    const Json body = json_of(response);
    EXPECT_EQ(body.at("status"), response.status);
    EXPECT_EQ(response.content_type, "application/json");
    return body.at("error");
}

// ---- proxies

TEST(Routes, VersionIsOneThatClientsAccept) {
    Api api;
    const auto response = api.get("/version");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_THAT(json_of(response).at("version").get<std::string>(), ::testing::StartsWith("2."));
}

TEST(Routes, AProxyIsCreatedShownAndListed) {
    Api api;
    EXPECT_EQ(api.get("/proxies").body, "{}\n");
    const auto made =
        api.post("/proxies", {{"name", "p"}, {"listen", "127.0.0.1:0"}, {"upstream", upstream}});
    EXPECT_EQ(made.status, 201);
    const Json proxy = json_of(made);
    EXPECT_EQ(proxy.at("name"), "p");
    EXPECT_EQ(proxy.at("upstream"), upstream);
    EXPECT_EQ(proxy.at("enabled"), true);
    EXPECT_EQ(proxy.at("toxics"), Json::array());
    EXPECT_THAT(proxy.at("listen").get<std::string>(),
                ::testing::MatchesRegex("127.0.0.1:[1-9][0-9]*"));
    EXPECT_EQ(json_of(api.get("/proxies/p")), proxy);
    EXPECT_EQ(json_of(api.get("/proxies")), (Json{{"p", proxy}}));
}

TEST(Routes, CreateSaysWhatIsWrong) {
    Api api;
    const TakenPort taken;
    api.proxy("p", upstream);
    EXPECT_EQ(error_of(api.post("/proxies", {{"upstream", upstream}})),
              "missing required field: name");
    const auto again = api.post("/proxies", {{"name", "p"}, {"upstream", upstream}});
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(error_of(again), "proxy already exists");
    const auto busy =
        api.post("/proxies", {{"name", "q"}, {"listen", taken.address()}, {"upstream", upstream}});
    EXPECT_EQ(busy.status, 500);
    EXPECT_EQ(error_of(busy), "listen tcp " + taken.address() + ": bind: address already in use");
    EXPECT_EQ(api.get("/proxies/q").status, 404);
    const auto no_port = api.post("/proxies", {{"name", "q"}, {"upstream", "nowhere"}});
    EXPECT_EQ(no_port.status, 400);
    EXPECT_THAT(error_of(no_port), HasSubstr("the port is missing"));
}

TEST(Routes, WhatIsNotThereIsNotFound) {
    Api api;
    api.proxy("redis", upstream);
    for (const char* method : {"GET", "POST", "PATCH", "DELETE"}) {
        const auto proxy = api.request(method, "/proxies/reddis", "{}");
        EXPECT_EQ(proxy.status, 404) << method;
        EXPECT_EQ(error_of(proxy), "proxy not found");
        EXPECT_THAT(json_of(proxy).at("hint").get<std::string>(), HasSubstr("\"redis\""));
        const auto toxic = api.request(method, "/proxies/redis/toxics/x", "{}");
        EXPECT_EQ(toxic.status, 404) << method;
        EXPECT_EQ(error_of(toxic), "toxic not found");
    }
    EXPECT_EQ(error_of(api.get("/proxies/x/toxics")), "proxy not found");
    EXPECT_EQ(error_of(api.post("/proxies/x/toxics", {{"type", "noop"}})), "proxy not found");
    for (const char* path : {"/", "/proxy", "/proxies/", "/proxies/redis/toxics/x/y", "//"})
        EXPECT_EQ(api.get(path).status, 404) << path;
}

TEST(Routes, WrongMethodsAreAnsweredWithoutABody) {
    Api api;
    api.proxy("p", upstream);
    for (const auto& [method, path] :
         std::vector<std::pair<std::string, std::string>>{{"DELETE", "/proxies"},
                                                          {"PUT", "/proxies/p"},
                                                          {"GET", "/reset"},
                                                          {"GET", "/populate"},
                                                          {"POST", "/version"},
                                                          {"HEAD", "/proxies"},
                                                          {"PATCH", "/proxies/p/toxics"}}) {
        const auto response = api.request(method, path);
        EXPECT_EQ(response.status, 405) << method << path;
        EXPECT_EQ(response.body, "");
        EXPECT_NE(response.allow, "");
    }
}

TEST(Routes, BrowsersAreRefused) {
    Api api;
    link::ApiRequest request{
        .method = "GET", .target = "/proxies", .user_agent = "Mozilla/5.0 (X11; Linux x86_64)"};
    EXPECT_EQ(link::respond(request, api.set(), {}, {}).status, 403);
    request.user_agent = "curl/7.88.1";
    EXPECT_EQ(link::respond(request, api.set(), {}, {}).status, 200);
}

TEST(Routes, UpdateMovesAndSwitchesAProxyAndKeepsItsName) {
    const TestServer first([](Peer& peer) { peer.send("1"); });
    const TestServer second([](Peer& peer) { peer.send("2"); });
    Api api;
    const std::string listen = api.proxy("p", first.address());
    EXPECT_EQ(Peer::connect(listen).receive(1), "1");
    for (const char* method : {"POST", "PATCH"}) {
        const bool post = std::string(method) == "POST";
        const std::string to = post ? second.address() : first.address();
        const auto moved =
            api.request(method, "/proxies/p", Json{{"name", "q"}, {"upstream", to}}.dump());
        EXPECT_EQ(moved.status, 200);
        EXPECT_EQ(json_of(moved).at("name"), "p");
        EXPECT_EQ(json_of(moved).at("listen"), listen) << "the port stays";
        EXPECT_EQ(json_of(moved).at("upstream"), to);
        EXPECT_EQ(Peer::connect(listen).receive(1), post ? "2" : "1");
    }
    const auto off = api.post("/proxies/p", {{"enabled", false}});
    EXPECT_EQ(json_of(off).at("enabled"), false);
    EXPECT_EQ(Peer::connect(listen).error(), ECONNREFUSED);
    const auto on = api.post("/proxies/p", {{"enabled", true}});
    EXPECT_EQ(json_of(on).at("enabled"), true);
    EXPECT_EQ(json_of(on).at("listen"), listen);
    EXPECT_EQ(Peer::connect(listen).receive(1), "1");
}

TEST(Routes, UpdateToTheSameAddressesKeepsConnections) {
    const TestServer server(echo);
    Api api;
    const std::string listen = api.proxy("p", server.address());
    Peer client = Peer::connect(listen);
    client.send("a");
    EXPECT_EQ(client.receive(1), "a");
    const Json shown = json_of(api.get("/proxies/p"));
    EXPECT_EQ(json_of(api.post("/proxies/p", shown)), shown);
    client.send("b");
    EXPECT_EQ(client.receive(1), "b");
}

TEST(Routes, DisablingEndsOpenConnections) {
    const TestServer server(echo);
    Api api;
    Peer client = Peer::connect(api.proxy("p", server.address()));
    client.send("a");
    EXPECT_EQ(client.receive(1), "a");
    EXPECT_EQ(api.post("/proxies/p", {{"enabled", false}}).status, 200);
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_NE(client.end(), End::late);
}

TEST(Routes, DeleteFreesNameAndPort) {
    Api api;
    const std::string listen = api.proxy("p", upstream);
    const auto gone = api.request("DELETE", "/proxies/p");
    EXPECT_EQ(gone.status, 204);
    EXPECT_EQ(gone.body, "");
    EXPECT_EQ(Peer::connect(listen).error(), ECONNREFUSED);
    const auto again =
        api.post("/proxies", {{"name", "p"}, {"listen", listen}, {"upstream", upstream}});
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(json_of(again).at("listen"), listen);
}

TEST(Routes, ADisabledProxyListensWhenItIsEnabled) {
    const TestServer server(echo);
    Api api;
    const auto made =
        api.post("/proxies", {{"name", "p"}, {"upstream", server.address()}, {"enabled", false}});
    EXPECT_EQ(made.status, 201);
    EXPECT_EQ(json_of(made).at("enabled"), false);
    const Json on = json_of(api.post("/proxies/p", {{"enabled", true}}));
    Peer client = Peer::connect(on.at("listen"));
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
}

// ---- toxics

TEST(Routes, AToxicIsAddedShownListedChangedAndRemoved) {
    Api api;
    api.proxy("p", upstream);
    EXPECT_EQ(api.get("/proxies/p/toxics").body, "[]\n");
    const auto made =
        api.post("/proxies/p/toxics", {{"type", "latency"}, {"attributes", {{"latency", 100}}}});
    EXPECT_EQ(made.status, 200);
    const Json toxic = json_of(made);
    EXPECT_EQ(toxic,
              (Json{{"attributes", {{"latency", 100}, {"jitter", 0}}},
                    {"name", "latency_downstream"},
                    {"type", "latency"},
                    {"stream", "downstream"},
                    {"toxicity", 1}}));
    EXPECT_TRUE(toxic.at("toxicity").is_number_integer());
    EXPECT_EQ(json_of(api.get("/proxies/p/toxics/latency_downstream")), toxic);
    EXPECT_EQ(json_of(api.get("/proxies/p/toxics")), Json::array({toxic}));
    EXPECT_EQ(json_of(api.get("/proxies/p")).at("toxics"), Json::array({toxic}));
    const auto changed = api.request("PATCH",
                                     "/proxies/p/toxics/latency_downstream",
                                     R"({"attributes": {"jitter": 10}, "toxicity": 0.5})");
    EXPECT_EQ(changed.status, 200);
    EXPECT_EQ(json_of(changed).at("attributes"), (Json{{"latency", 100}, {"jitter", 10}}));
    EXPECT_EQ(json_of(changed).at("toxicity"), 0.5);
    EXPECT_EQ(api.request("DELETE", "/proxies/p/toxics/latency_downstream").status, 204);
    EXPECT_EQ(api.get("/proxies/p/toxics").body, "[]\n");
}

TEST(Routes, AToxicOfThatNameIsThereAlready) {
    Api api;
    api.proxy("p", upstream);
    EXPECT_EQ(api.toxic({{"type", "noop"}}), 200);
    const auto again = api.post("/proxies/p/toxics", {{"type", "noop"}});
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(error_of(again), "toxic already exists");
    EXPECT_EQ(api.toxic({{"type", "noop"}, {"stream", "upstream"}}), 200);
    EXPECT_EQ(api.toxic({{"type", "noop"}, {"name", "another"}}), 200);
}

TEST(Routes, AProxyHasOnlySoManyToxics) {
    Api api;
    api.proxy("p", upstream);
    for (std::size_t i = 0; i < link::toxics_max; ++i)
        ASSERT_EQ(api.toxic({{"type", "noop"}, {"name", std::to_string(i)}}), 200);
    EXPECT_EQ(api.toxic({{"type", "noop"}, {"name", "more"}}), 400);
}

TEST(Routes, AChangeThatIsWrongChangesNothing) {
    Api api;
    api.proxy("p", upstream);
    api.toxic({{"type", "latency"}, {"attributes", {{"latency", 100}}}});
    const auto before = api.get("/proxies/p").body;
    EXPECT_EQ(api.post("/proxies/p/toxics/latency_downstream",
                       {{"attributes", {{"latency", -1}}}, {"toxicity", 0.5}})
                  .status,
              400);
    EXPECT_EQ(api.get("/proxies/p").body, before);
}

// ---- populate and reset

TEST(Routes, PopulateMakesEveryProxyAndLeavesTheSameAlone) {
    const TestServer server(echo);
    Api api;
    const Json wanted = Json::array(
        {{{"name", "a"}, {"listen", "127.0.0.1:0"}, {"upstream", server.address()}},
         {{"name", "b"}, {"listen", "127.0.0.1:0"}, {"upstream", upstream}, {"enabled", false}}});
    const auto made = api.post("/populate", wanted);
    EXPECT_EQ(made.status, 201);
    const Json proxies = json_of(made).at("proxies");
    ASSERT_EQ(proxies.size(), 2U);
    EXPECT_EQ(proxies[1].at("enabled"), false);
    Peer client = Peer::connect(proxies[0].at("listen"));
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    api.post("/proxies/a/toxics", {{"type", "noop"}});
    const auto again = api.post("/populate", wanted);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(json_of(again).at("proxies")[0].at("listen"), proxies[0].at("listen"));
    EXPECT_EQ(json_of(again).at("proxies")[0].at("toxics").size(), 1U);
    client.send("y");
    EXPECT_EQ(client.receive(1), "y");
}

TEST(Routes, PopulateReplacesAProxyWithOtherAddresses) {
    const TestServer server(echo);
    Api api;
    api.proxy("p", upstream);
    api.toxic({{"type", "noop"}});
    const auto made = api.post(
        "/populate",
        Json::array({{{"name", "p"}, {"listen", "127.0.0.1:0"}, {"upstream", server.address()}}}));
    EXPECT_EQ(made.status, 201);
    const Json proxy = json_of(made).at("proxies")[0];
    EXPECT_EQ(proxy.at("upstream"), server.address());
    EXPECT_EQ(proxy.at("toxics"), Json::array());
    Peer client = Peer::connect(proxy.at("listen"));
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
}

TEST(Routes, PopulateSaysWhatIsWrongAndWhatItMade) {
    Api api;
    const TakenPort taken;
    const auto missing = api.request(
        "POST", "/populate", R"([{"name": "a", "upstream": "127.0.0.1:1"}, {"upstream": "x:1"}])");
    EXPECT_EQ(missing.status, 400);
    EXPECT_EQ(error_of(missing), "missing required field: name at proxy 2");
    EXPECT_EQ(json_of(missing).at("proxies"), nullptr);
    EXPECT_EQ(api.get("/proxies").body, "{}\n");
    const auto busy =
        api.post("/populate",
                 Json::array({{{"name", "a"}, {"upstream", upstream}},
                              {{"name", "b"}, {"listen", taken.address()}, {"upstream", upstream}},
                              {{"name", "c"}, {"upstream", upstream}}}));
    EXPECT_EQ(busy.status, 500);
    EXPECT_THAT(error_of(busy), HasSubstr("address already in use"));
    ASSERT_EQ(json_of(busy).at("proxies").size(), 1U);
    EXPECT_EQ(json_of(busy).at("proxies")[0].at("name"), "a");
}

TEST(Routes, PopulateHonoursToxicsAllOrNothing) {
    Api api;
    const Json good = {{"type", "latency"}, {"attributes", {{"latency", 5}}}};
    const auto wrong =
        api.post("/populate",
                 Json::array({{{"name", "a"},
                               {"upstream", upstream},
                               {"toxics", Json::array({good, {{"type", "nop"}}})}}}));
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(error_of(wrong), "invalid toxic type");
    EXPECT_EQ(api.get("/proxies").body, "{}\n");
    const Json right =
        Json::array({{{"name", "a"}, {"upstream", upstream}, {"toxics", Json::array({good})}}});
    EXPECT_EQ(json_of(api.post("/populate", right)).at("proxies")[0].at("toxics").size(), 1U);
    // Described again, they become those described.
    api.post("/proxies/a/toxics", {{"type", "noop"}});
    EXPECT_EQ(json_of(api.post("/populate", right)).at("proxies")[0].at("toxics").size(), 1U);
}

TEST(Routes, ResetEnablesEveryProxyAndRemovesEveryToxic) {
    const TestServer server(echo);
    Api api;
    const std::string listen = api.proxy("p", server.address());
    api.proxy("q", upstream);
    api.toxic({{"type", "timeout"}, {"name", "t"}});
    api.post("/proxies/p", {{"enabled", false}});
    const auto done = api.request("POST", "/reset");
    EXPECT_EQ(done.status, 204);
    EXPECT_EQ(done.body, "");
    const Json proxy = json_of(api.get("/proxies/p"));
    EXPECT_EQ(proxy.at("enabled"), true);
    EXPECT_EQ(proxy.at("toxics"), Json::array());
    Peer client = Peer::connect(listen);
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
}

// ---- host names

TEST(Routes, AsksForTheNamesOfARequestAndUsesThem) {
    const TestServer server(echo);
    Api api;
    const std::string port = std::to_string(server.port());
    const Json body{{"name", "p"}, {"listen", "here:0"}, {"upstream", "db:" + port}};
    EXPECT_EQ(link::hosts_of({.method = "POST", .target = "/proxies", .body = body.dump()}),
              (std::vector<std::string>{"here", "db"}));
    Json other = body;
    other["name"] = "q";
    EXPECT_EQ(
        link::hosts_of(
            {.method = "POST", .target = "/populate", .body = Json::array({body, other}).dump()}),
        (std::vector<std::string>{"here", "db"}));
    EXPECT_EQ(link::hosts_of({.method = "PATCH", .target = "/proxies/p", .body = body.dump()}),
              (std::vector<std::string>{"here", "db"}));
    EXPECT_TRUE(link::hosts_of({.method = "POST", .target = "/proxies", .body = "{"}).empty());
    api.book.hosts["here"].numbers = {"127.0.0.1"};
    api.book.hosts["db"].numbers = {"127.0.0.1"};
    const Json made = json_of(api.post("/proxies", body));
    EXPECT_EQ(made.at("upstream"), "db:" + port) << "as asked for";
    Peer client = Peer::connect(made.at("listen"));
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
}

TEST(Routes, AnUpstreamWithoutAnAddressYetIsFollowedWhenItAppears) {
    const TestServer server(echo);
    Api api;
    api.book.hosts["db"].error = "Name or service not known";
    const std::string listen = api.proxy("p", "db:" + std::to_string(server.port()));
    EXPECT_EQ(Peer::connect(listen).receive_all(), "");
    EXPECT_EQ(api.set().upstream_hosts(), (std::vector<std::string>{"db"}));
    api.book.hosts["db"].numbers = {"127.0.0.1"};
    api.set().follow(api.book);
    Peer client = Peer::connect(listen);
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
    // The address in use is still one of its addresses: the connection stays.
    api.book.hosts["db"].numbers = {"127.0.0.2", "127.0.0.1"};
    api.set().follow(api.book);
    client.send("y");
    EXPECT_EQ(client.receive(1), "y");
}

TEST(Routes, AnUnknownNameToListenAtIsAnError) {
    Api api;
    api.book.hosts["here"].error = "Name or service not known";
    const auto made =
        api.post("/proxies", {{"name", "p"}, {"listen", "here:0"}, {"upstream", upstream}});
    EXPECT_EQ(made.status, 500);
    EXPECT_EQ(error_of(made), "listen tcp: lookup here: Name or service not known");
}

}  // namespace
}  // namespace faultline::testing
