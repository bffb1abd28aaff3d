// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probe.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/observe/scripted_server.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

constexpr Duration timeout = std::chrono::seconds(30);

ProbeSpec http_spec(const std::string& pointer = "", std::int64_t status = 200) {
    ProbeSpec spec{.kind = "http", .timeout = timeout};
    spec.parameters.set("path", std::string("/health?full=1"));
    spec.parameters.set("status", status);
    if (!pointer.empty()) spec.parameters.set("pointer", pointer);
    return spec;
}

ProbeSpec exec_spec(std::vector<std::string> command) {
    ProbeSpec spec{.kind = "exec", .timeout = timeout};
    spec.parameters.set("command", std::move(command));
    return spec;
}

std::string response(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

ProbeAnswer ask_http(const std::string& reply, const ProbeSpec& spec) {
    Loop loop;
    ScriptedServer server(loop, [&reply](const std::string&) { return reply; });
    auto probe = make_probe(loop, spec, {.instance = "web[0]", .port = server.port()});
    EXPECT_TRUE(probe);
    return ask(loop, **probe);
}

ProbeAnswer ask_exec(const ProbeSpec& spec, ProbeTarget target = {.instance = "kv[0]"}) {
    Loop loop;
    auto probe = make_probe(loop, spec, std::move(target));
    EXPECT_TRUE(probe);
    return ask(loop, **probe);
}

TEST(ProbeCatalog, IsSortedAndDescribesEveryKind) {
    const auto& kinds = probe_kinds();
    EXPECT_TRUE(std::is_sorted(
        kinds.begin(), kinds.end(), [](const Kind& a, const Kind& b) { return a.name < b.name; }));
    for (const Kind& kind : kinds) {
        EXPECT_FALSE(kind.about.empty()) << kind.name;
        EXPECT_FALSE(kind.answers.empty()) << kind.name;
        for (const Parameter& parameter : kind.parameters)
            EXPECT_FALSE(parameter.help.empty()) << kind.name;
    }
    Loop loop;
    const auto made = make_probe(loop, {.kind = "redis.pin"}, {});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("redis.ping"));
}

TEST(ProbeAnswerTest, SatisfiesByBeingOkAndEqual) {
    EXPECT_TRUE(satisfies({}, {.ok = true, .value = "x"}));
    EXPECT_FALSE(satisfies({}, {.value = "x"}));
    EXPECT_TRUE(satisfies({.equals = "x"}, {.ok = true, .value = "x"}));
    EXPECT_FALSE(satisfies({.equals = "y"}, {.ok = true, .value = "x"}));
    EXPECT_FALSE(satisfies({.equals = "x"}, {.value = "x"}));
}

TEST(HttpProbe, GetsItsPathAndAnswersTheStatus) {
    Loop loop;
    std::string request;
    ScriptedServer server(loop, [&request](const std::string& text) {
        request = text;
        return response("200 OK", "fine");
    });
    auto probe = make_probe(loop, http_spec(), {.instance = "web[0]", .port = server.port()});
    ASSERT_TRUE(probe);
    const ProbeAnswer answer = ask(loop, **probe);
    EXPECT_TRUE(answer.ok) << answer.error;
    EXPECT_EQ(answer.value, "200");
    EXPECT_THAT(request, testing::StartsWith("GET /health?full=1 HTTP/1.1\r\n"));
    EXPECT_THAT(request, HasSubstr("Host: 127.0.0.1:" + std::to_string(server.port())));
}

TEST(HttpProbe, IsOkForTheExpectedStatusAlone) {
    const ProbeAnswer unavailable = ask_http(response("503 Service Unavailable", ""), http_spec());
    EXPECT_FALSE(unavailable.ok);
    EXPECT_EQ(unavailable.value, "503");
    EXPECT_EQ(unavailable.error, "status 503, expected 200");
    EXPECT_TRUE(ask_http(response("503 Service Unavailable", ""), http_spec("", 503)).ok);
}

TEST(HttpProbe, AnswersTheValueAtItsPointer) {
    const std::string body = R"({"status":{"role":"primary","term":7}})";
    EXPECT_EQ(ask_http(response("200 OK", body), http_spec("/status/role")).value, "primary");
    EXPECT_EQ(ask_http(response("200 OK", body), http_spec("/status/term")).value, "7");
    EXPECT_THAT(ask_http(response("200 OK", body), http_spec("/status/none")).error,
                HasSubstr("/status/none"));
    EXPECT_THAT(ask_http(response("200 OK", "<html>"), http_spec("/status")).error,
                HasSubstr("not JSON"));
}

TEST(HttpProbe, ReadsChunkedBodies) {
    const std::string reply =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: "
        "chunked\r\n\r\n6\r\n{\"a\":\"\r\n3\r\nb\"}\r\n0\r\n\r\n";
    EXPECT_EQ(ask_http(reply, http_spec("/a")).value, "b");
}

TEST(HttpProbe, AnswersErrorsForSilenceGarbageAndRefusal) {
    ProbeSpec impatient = http_spec();
    impatient.timeout = std::chrono::milliseconds(50);
    EXPECT_EQ(ask_http("", impatient).error, "no answer within 50ms");
    EXPECT_THAT(ask_http("220 mail.example ready\r\n\r\n", http_spec()).error,
                HasSubstr("reading from 127.0.0.1:"));
    Loop loop;
    auto probe = make_probe(loop, http_spec(), {.instance = "web[0]", .port = refusing_port(loop)});
    ASSERT_TRUE(probe);
    EXPECT_THAT(ask(loop, **probe).error, HasSubstr("Connection refused"));
}

TEST(HttpProbe, CanBeAskedAgainAndDestroyedWhileAsking) {
    Loop loop;
    ScriptedServer server(loop, [](const std::string&) { return response("200 OK", ""); });
    auto probe = make_probe(loop, http_spec(), {.instance = "web[0]", .port = server.port()});
    ASSERT_TRUE(probe);
    EXPECT_TRUE(ask(loop, **probe).ok);
    EXPECT_TRUE(ask(loop, **probe).ok);
    bool called = false;
    (*probe)->ask([&called](const ProbeAnswer&) { called = true; });
    loop.wait_until(now() + timeout, [&server] { return server.requests() == 3; });
    probe->reset();
    loop.run_until(now() + std::chrono::milliseconds(20));
    EXPECT_FALSE(called);
}

TEST(HttpProbe, RejectsAPathWithoutSlashAndAPointerThatIsNone) {
    Loop loop;
    ProbeSpec spec = http_spec();
    spec.parameters.set("path", std::string("health"));
    EXPECT_FALSE(make_probe(loop, spec, {.instance = "web[0]", .port = 1}));
    EXPECT_FALSE(make_probe(loop, http_spec("status"), {.instance = "web[0]", .port = 1}));
}

TEST(TcpProbe, IsOkWhenTheConnectionIsAccepted) {
    Loop loop;
    ScriptedServer server(loop, [](const std::string&) { return ""; });
    auto open = make_probe(
        loop, {.kind = "tcp", .timeout = timeout}, {.instance = "a[0]", .port = server.port()});
    ASSERT_TRUE(open);
    EXPECT_EQ(ask(loop, **open).value, "open");
    EXPECT_TRUE(ask(loop, **open).ok);
    auto refused = make_probe(loop,
                              {.kind = "tcp", .timeout = timeout},
                              {.instance = "a[0]", .port = refusing_port(loop)});
    ASSERT_TRUE(refused);
    EXPECT_THAT(ask(loop, **refused).error, HasSubstr("Connection refused"));
}

TEST(ExecProbe, AnswersTheTrimmedOutputOfItsCommand) {
    const ProbeAnswer answer = ask_exec(exec_spec({"sh", "-c", "printf '\\n  up  \\n'"}));
    EXPECT_TRUE(answer.ok) << answer.error;
    EXPECT_EQ(answer.value, "up");
    EXPECT_LE(answer.asked, answer.answered);
}

TEST(ExecProbe, RunsWithTheInstancesEnvironmentAndFolder) {
    const ProbeAnswer answer = ask_exec(exec_spec({"sh", "-c", "echo $FAULTLINE_PORT_CLIENT $PWD"}),
                                        {.instance = "kv[0]",
                                         .environment = {{"FAULTLINE_PORT_CLIENT", "7001"}},
                                         .folder = "/usr"});
    EXPECT_EQ(answer.value, "7001 /usr");
}

TEST(ExecProbe, IsNotOkForACodeASignalATimeoutOrAMissingProgram) {
    EXPECT_THAT(ask_exec(exec_spec({"sh", "-c", "echo why >&2; exit 3"})).error,
                HasSubstr("exited with code 3: why"));
    EXPECT_THAT(ask_exec(exec_spec({"sh", "-c", "kill -9 $$"})).error, HasSubstr("signal 9"));
    ProbeSpec endless = exec_spec({"sleep", "600"});
    endless.timeout = std::chrono::milliseconds(50);
    EXPECT_THAT(ask_exec(endless).error, HasSubstr("no end within 50ms"));
    EXPECT_FALSE(ask_exec(exec_spec({"/nonexistent/program"})).ok);
    Loop loop;
    EXPECT_FALSE(make_probe(loop, exec_spec({}), {.instance = "kv[0]"}));
}

TEST(ExecProbe, NeverCallsBackOnceDestroyed) {
    Loop loop;
    bool called = false;
    {
        auto probe = make_probe(loop, exec_spec({"true"}), {.instance = "kv[0]"});
        ASSERT_TRUE(probe);
        (*probe)->ask([&called](const ProbeAnswer&) { called = true; });
    }
    loop.run_until(now() + std::chrono::milliseconds(20));
    EXPECT_FALSE(called);
}

}  // namespace
}  // namespace faultline
