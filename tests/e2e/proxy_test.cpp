// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/command.hpp"
#include "tests/e2e/faultline_program.hpp"
#include "tests/e2e/proxy_program.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

// `faultline proxy` as its users meet it: the program, HTTP, real connections.

namespace faultline::e2e {
namespace {

using testing::echo;
using testing::End;
using ::testing::HasSubstr;
using testing::Peer;
using ::testing::StartsWith;
using testing::TestServer;
using Json = nlohmann::json;

Json json_of(const HttpReply& reply) {
    return Json::parse(reply.body, nullptr, false);
}

/// Makes a proxy and returns where it listens.
std::string make_proxy(const ProxyProgram& program,
                       const std::string& name,
                       const std::string& upstream) {
    const Json body{{"name", name}, {"upstream", upstream}};
    const HttpReply made = http(program.address(), "POST", "/proxies", body.dump());
    EXPECT_EQ(made.status, 201) << made.body;
    return json_of(made).at("listen");
}

// ---- the API over HTTP

TEST(ProxyProgram, AnswersEveryRoute) {
    const TestServer server(echo);
    const ProxyProgram program({.words = {"--proxy-metrics"}});
    const std::string proxy = R"({"name": "p", "upstream": ")" + server.address() + R"("})";
    struct Step {
        const char* method;
        const char* target;
        std::string body;
        int status;
        const char* contains;
    };
    const std::vector<Step> steps{
        {"GET", "/version", "", 200, R"({"version":"2.)"},
        {"GET", "/proxies", "", 200, "{}\n"},
        {"POST", "/proxies", "{", 400, "bad request body: 1:"},
        {"POST", "/proxies", "{}", 400, "missing required field: name"},
        {"POST", "/proxies", proxy, 201, R"({"name":"p","listen":"127.0.0.1:)"},
        {"POST", "/proxies", proxy, 409, R"({"error":"proxy already exists","status":409})"},
        {"GET", "/proxies", "", 200, R"({"p":{"name":"p",)"},
        {"GET", "/proxies/p", "", 200, R"("enabled":true,"toxics":[]})"},
        {"GET", "/proxies/q", "", 404, R"("error":"proxy not found","status":404)"},
        {"POST", "/proxies/p", R"({"enabled": false})", 200, R"("enabled":false)"},
        {"PATCH", "/proxies/p", R"({"enabled": true})", 200, R"("enabled":true)"},
        {"PATCH", "/proxies/q", "{}", 404, "proxy not found"},
        {"GET", "/proxies/p/toxics", "", 200, "[]\n"},
        {"POST", "/proxies/p/toxics", R"({"type": "x"})", 400, "invalid toxic type"},
        {"POST", "/proxies/p/toxics", R"({"type": "noop", "stream": "x"})", 400, "stream was"},
        {"POST",
         "/proxies/p/toxics",
         R"({"type": "latency", "attributes": {"latency": 10}})",
         200,
         R"({"attributes":{"latency":10,"jitter":0},"name":"latency_downstream","type":"latency",)"
         R"("stream":"downstream","toxicity":1})"},
        {"POST", "/proxies/p/toxics", R"({"type": "latency"})", 409, "toxic already exists"},
        {"GET", "/proxies/p/toxics", "", 200, R"([{"attributes")"},
        {"GET", "/proxies/p/toxics/latency_downstream", "", 200, R"("latency":10)"},
        {"GET", "/proxies/p/toxics/x", "", 404, "toxic not found"},
        {"POST",
         "/proxies/p/toxics/latency_downstream",
         R"({"attributes": {"jitter": 5}})",
         200,
         R"({"latency":10,"jitter":5})"},
        {"PATCH",
         "/proxies/p/toxics/latency_downstream",
         R"({"toxicity": 0.5})",
         200,
         R"("toxicity":0.5)"},
        {"DELETE", "/proxies/p/toxics/latency_downstream", "", 204, ""},
        {"DELETE", "/proxies/p/toxics/latency_downstream", "", 404, "toxic not found"},
        {"POST", "/populate", "[" + proxy + "]", 201, R"({"proxies":[{"name":"p")"},
        {"POST", "/populate", "[{}]", 400, R"("proxies":null)"},
        {"POST", "/reset", "", 204, ""},
        {"GET", "/metrics", "", 200, "toxiproxy_proxy_sent_bytes_total{direction="},
        {"DELETE", "/proxies/p", "", 204, ""},
        {"DELETE", "/proxies/p", "", 404, "proxy not found"},
        {"GET", "/", "", 404, "not found"},
        {"PUT", "/proxies", "", 405, ""}};
    for (const Step& step : steps) {
        const HttpReply reply = http(program.address(), step.method, step.target, step.body);
        const std::string what = std::string(step.method) + " " + step.target + " " + step.body;
        EXPECT_EQ(reply.status, step.status) << what << reply.body;
        EXPECT_THAT(reply.body, HasSubstr(step.contains)) << what;
        const bool json = reply.status != 204 && reply.status != 405;
        if (!json) {
            EXPECT_EQ(reply.body, "") << what;
        } else if (std::string(step.target) != "/metrics") {
            EXPECT_EQ(reply.headers.at("content-type"), "application/json") << what;
            EXPECT_TRUE(reply.body.ends_with("\n")) << what;
            EXPECT_FALSE(json_of(reply).is_discarded()) << what;
        }
        if (reply.status >= 400 && json) {
            EXPECT_EQ(json_of(reply).at("status"), step.status) << what;
        }
    }
}

TEST(ProxyProgram, KeepsConnectionsAndOrder) {
    const ProxyProgram program({});
    Peer peer = Peer::connect(program.address());
    const std::string request = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string last =
        "POST /reset HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    peer.send(request + request + last);
    const std::string replies = peer.receive_all();
    EXPECT_EQ(peer.end(), End::closed);
    std::vector<std::string> lines;
    for (std::size_t at = replies.find("HTTP/1.1"); at != std::string::npos;
         at = replies.find("HTTP/1.1", at + 1))
        lines.push_back(replies.substr(at, 12));
    EXPECT_THAT(lines, ::testing::ElementsAre("HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 204"));
}

TEST(ProxyProgram, RefusesWhatItShould) {
    const ProxyProgram program({});
    const std::string& api = program.address();
    EXPECT_EQ(http(api, "GET", "/proxies", "", "User-Agent: Mozilla/5.0\r\n").status, 403);
    EXPECT_EQ(http(api, "GET", "/proxies", "", "User-Agent: Go-http-client/1.1\r\n").status, 200);
    const HttpReply large = http(api, "POST", "/proxies", std::string(1'100'000, ' '));
    EXPECT_EQ(large.status, 413);
    EXPECT_THAT(json_of(large).at("error").get<std::string>(), HasSubstr("1 MiB"));
    EXPECT_EQ(http(api, "POST", "/populate", std::string(1'000'000, ' ') + "[]").status, 201);
    Peer peer = Peer::connect(api);
    peer.send("nonsense\r\n\r\n");
    EXPECT_EQ(parse_reply(peer.receive_all()).status, 400);
    const HttpReply header =
        http(api, "GET", "/proxies", "", "X: " + std::string(100'000, 'x') + "\r\n");
    EXPECT_EQ(header.status, 400);
    EXPECT_EQ(http(api, "GET", "/version").status, 200);
}

TEST(ProxyProgram, AnswersExpectations) {
    const ProxyProgram program({});
    Peer peer = Peer::connect(program.address());
    peer.send(
        "POST /populate HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    const std::string go_on = "HTTP/1.1 100 Continue\r\n";
    EXPECT_EQ(peer.receive(go_on.size()), go_on);
    static_cast<void>(peer.receive(2));  // the empty line
    peer.send("[]");
    EXPECT_THAT(peer.receive_some(), StartsWith("HTTP/1.1 201"));
}

TEST(ProxyProgram, TakesBodiesInChunks) {
    const ProxyProgram program({});
    Peer peer = Peer::connect(program.address());
    peer.send(
        "POST /populate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\n[\r\n1\r\n]\r\n0\r\n\r\n");
    EXPECT_THAT(peer.receive_some(), StartsWith("HTTP/1.1 201"));
}

TEST(ProxyProgram, ClientsOfTheApiThatStallHoldUpNobody) {
    const ProxyProgram program({});
    std::vector<Peer> stalled;
    for (int i = 0; i < 50; ++i) {
        stalled.push_back(Peer::connect(program.address()));
        stalled.back().send(i % 2 == 0 ? "POST /proxies HT"
                                       : "POST /proxies HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
    }
    EXPECT_EQ(http(program.address(), "GET", "/proxies").status, 200);
    // More than it serves at once: the others are closed, not left to wait.
    int closed = 0;
    for (int i = 0; i < 300; ++i)
        stalled.push_back(Peer::connect(program.address()));
    stalled.back().send("GET /version HTTP/1.1\r\n\r\n");
    static_cast<void>(stalled.back().receive_all());
    closed += stalled.back().end() != End::late ? 1 : 0;
    EXPECT_EQ(closed, 1);
    stalled.clear();
    EXPECT_TRUE(testing::eventually(
        [&] { return http(program.address(), "GET", "/version").status == 200; }));
}

TEST(ProxyProgram, FollowsUpstreamsByName) {
    const TestServer server(echo);
    const ProxyProgram program({});
    // A name that the resolver knows and we do not.
    const std::string listen =
        make_proxy(program, "p", "ip6-localhost.invalid:" + std::to_string(server.port()));
    EXPECT_EQ(Peer::connect(listen).receive_all(), "");
    const HttpReply moved =
        http(program.address(), "POST", "/proxies/p", Json{{"upstream", server.address()}}.dump());
    EXPECT_EQ(moved.status, 200);
    Peer client = Peer::connect(listen);
    client.send("x");
    EXPECT_EQ(client.receive(1), "x");
}

// ---- the program

TEST(ProxyProgram, SaysWhereItListensAndItsSeed) {
    ProxyProgram program({.words = {"--seed", "42"}});
    EXPECT_THAT(program.first_line(),
                ::testing::MatchesRegex("faultline proxy: Toxiproxy API on "
                                        "http://127.0.0.1:[0-9]+, seed 42"));
}

TEST(ProxyProgram, EndsCleanlyWhenAsked) {
    for (const int signal : {SIGTERM, SIGINT}) {
        const TestServer server(echo);
        ProxyProgram program({});
        const std::string listen = make_proxy(program, "p", server.address());
        Peer client = Peer::connect(listen);
        client.send("x");
        EXPECT_EQ(client.receive(1), "x");
        EXPECT_EQ(program.stop(signal), 0);
        EXPECT_EQ(client.receive_all(), "");
        EXPECT_NE(client.end(), End::late);
        EXPECT_EQ(Peer::connect(listen).error(), ECONNREFUSED);
        EXPECT_EQ(Peer::connect(program.address()).error(), ECONNREFUSED);
    }
}

TEST(ProxyProgram, StartsWithTheProxiesAndToxicsOfItsConfiguration) {
    const TestServer server(echo);
    const Workplace place;
    const auto file = place.write(
        "proxies.json",
        Json::array(
            {{{"name", "cut"},
              {"listen", "127.0.0.1:0"},
              {"upstream", server.address()},
              {"toxics", Json::array({{{"type", "limit_data"}, {"attributes", {{"bytes", 3}}}}})}},
             {{"name", "off"}, {"upstream", server.address()}, {"enabled", false}}})
            .dump());
    // One dash, as scripts made for toxiproxy-server have it.
    ProxyProgram program({.words = {"-config", file.string(), "-seed=7", "-host", "localhost"}});
    ASSERT_NE(program.address(), "") << program.first_line();
    const Json proxies = json_of(http(program.address(), "GET", "/proxies"));
    EXPECT_EQ(proxies.at("off").at("enabled"), false);
    Peer client = Peer::connect(proxies.at("cut").at("listen"));
    client.send("hello");
    EXPECT_EQ(client.receive_all(), "hel");
    EXPECT_EQ(program.stop(SIGTERM), 0);
    EXPECT_THAT(program.rest(), HasSubstr("  cut: 127.0.0.1:"));
}

TEST(ProxyProgram, RefusesAWrongConfigurationWithPlaceReasonAndRemedy) {
    const Workplace place;
    place.write("proxies.json",
                "[\n  {\"name\": \"a\", \"upstream\": \"127.0.0.1:1\",\n"
                "   \"toxics\": [{\"type\": \"latency\", \"latency\": 77}]}\n]\n");
    const auto wrong = place.faultline({"proxy", "--port", "0", "--config", "proxies.json"});
    EXPECT_EQ(wrong.exit_code, 2);
    EXPECT_THAT(wrong.error_output,
                HasSubstr("proxies.json:3:35: /0/toxics/0/latency: misplaced key \"latency\": it "
                          "belongs into \"attributes\""));
    EXPECT_EQ(place.faultline({"proxy", "--config", "nothing.json"}).exit_code, 2);
    const testing::TakenPort taken;
    place.write("taken.json",
                "[{\"name\": \"a\", \"listen\": \"" + taken.address() +
                    "\", \"upstream\": \"127.0.0.1:1\"}]");
    const auto busy = place.faultline({"proxy", "--port", "0", "--config", "taken.json"});
    EXPECT_EQ(busy.exit_code, 6);
    EXPECT_THAT(busy.error_output,
                HasSubstr("taken.json:1:26: /0/listen: proxy \"a\": listen tcp"));
}

TEST(ProxyProgram, RefusesAWrongCommandLine) {
    const Workplace place;
    EXPECT_EQ(place.faultline({"proxy", "--port", "99999"}).exit_code, 2);
    EXPECT_EQ(place.faultline({"proxy", "--seed", "x"}).exit_code, 2);
    EXPECT_EQ(place.faultline({"proxy", "-prot", "1"}).exit_code, 2);
    const testing::TakenPort taken;
    const std::string port = taken.address().substr(taken.address().find(':') + 1);
    const auto busy = place.faultline({"proxy", "--port", port});
    EXPECT_EQ(busy.exit_code, 6);
    EXPECT_THAT(busy.error_output, HasSubstr("choose another --port"));
    EXPECT_THAT(place.faultline({"proxy", "--help"}).output, HasSubstr("--proxy-metrics"));
    EXPECT_THAT(place.faultline({"--help"}).output, HasSubstr("proxy"));
}

TEST(ProxyProgram, WarnsWhenOthersCanReachIt) {
    // In a network of its own, where nobody can.
    const std::vector<std::string> apart{"unshare", "--user", "--map-root-user", "--net"};
    std::vector<std::string> attempt = apart;
    attempt.emplace_back("true");
    if (const auto tried = run_command({.words = attempt}); !tried || tried->exit_code != 0)
        GTEST_SKIP() << "no network namespaces for this user";
    ProxyProgram program({.words = {"--host", "0.0.0.0"}, .before = apart});
    ASSERT_NE(program.address(), "");
    EXPECT_EQ(program.stop(SIGTERM), 0);
    EXPECT_THAT(program.rest(), HasSubstr("warning: 0.0.0.0:"));
}

// ---- what Toxiproxy's server gets wrong, see also tests/unit/inject/toxiproxy

TEST(ToxiproxyFaults, TheSeedDecidesInTheProgramToo) {
    const TestServer server(echo);
    const auto fates = [&](const std::string& seed) {
        const ProxyProgram program({.words = {"--seed", seed}});
        const std::string listen = make_proxy(program, "p", server.address());
        EXPECT_EQ(http(program.address(),
                       "POST",
                       "/proxies/p/toxics",
                       R"({"type": "limit_data", "toxicity": 0.5})")
                      .status,
                  200);
        std::string hit;
        for (int i = 0; i < 32; ++i) {
            Peer client = Peer::connect(listen);
            client.send("x");
            hit += client.receive(1) == "x" ? '.' : 'X';
        }
        return hit;
    };
    const std::string once = fates("7");
    EXPECT_EQ(fates("7"), once);
    EXPECT_NE(fates("8"), once);
}

TEST(ToxiproxyFaults, WithoutDescriptorsClientsAreTurnedAwayAndTheApiAnswers) {
    const TestServer server(echo);
    const ProxyProgram program(
        {.words = {"--proxy-metrics"}, .before = {"prlimit", "--nofile=64:64"}});
    ASSERT_NE(program.address(), "") << program.first_line();
    const std::string listen = make_proxy(program, "p", server.address());
    std::vector<Peer> clients;
    int turned_away = 0;
    for (int i = 0; i < 100; ++i) {
        Peer client = Peer::connect(listen);
        client.send("x");
        if (client.receive(1) == "x") {
            clients.push_back(std::move(client));
        } else {
            EXPECT_NE(client.end(), End::late) << "it was left to wait";
            ++turned_away;
        }
    }
    EXPECT_GT(clients.size(), 5U);
    EXPECT_GT(turned_away, 5);
    // The API has kept some for itself.
    EXPECT_EQ(http(program.address(), "GET", "/proxies").status, 200);
    EXPECT_EQ(http(program.address(), "POST", "/proxies/p/toxics", R"({"type": "noop"})").status,
              200);
    EXPECT_THAT(http(program.address(), "GET", "/metrics").body,
                HasSubstr("faultline_proxy_connections_open{listener=\"" + listen +
                          "\",proxy=\"p\",upstream=\"" + server.address() + "\"} " +
                          std::to_string(clients.size()) + "\n"));
    clients.clear();
    EXPECT_TRUE(testing::eventually([&] {
        Peer client = Peer::connect(listen);
        return client.send("x") && client.receive(1) == "x";
    })) << "served again";
}

TEST(ToxiproxyFaults, TheApiAnswersWhileClientsAndUpstreamsDoNot) {
    const TestServer flood([](Peer& peer) {
        while (peer.send(std::string(65536, 'x'))) {
        }
    });
    const testing::SilentPort silent;
    const ProxyProgram program({});
    const std::string& api = program.address();
    Peer unread = Peer::connect(make_proxy(program, "unread", flood.address()));
    Peer unanswered = Peer::connect(make_proxy(program, "unanswered", silent.address()));
    for (const char* name : {"unread", "unanswered"}) {
        const std::string path = std::string("/proxies/") + name;
        EXPECT_EQ(http(api, "POST", path + "/toxics", R"({"type": "latency"})").status, 200);
        EXPECT_EQ(http(api, "GET", "/proxies").status, 200);
        EXPECT_EQ(http(api, "POST", path, R"({"enabled": false})").status, 200);
        EXPECT_EQ(http(api, "POST", "/reset").status, 204);
        EXPECT_EQ(http(api, "DELETE", path).status, 204);
    }
}

}  // namespace
}  // namespace faultline::e2e
