// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "tests/unit/load/load_fixture.hpp"

namespace faultline {
namespace {

using namespace std::chrono_literals;
using test::FakeServer;
using test::load_spec;
using test::one;
using test::reaches;
using test::started;
using test::tally;

/// Answers each GET by what `reply` makes of the number of the request.
FakeServer::Answer http_answers(std::function<std::string(FakeServer::Talk&, int)> reply) {
    auto count = std::make_shared<std::atomic<int>>(0);  // the answer outlives this function
    return [reply = std::move(reply), count](FakeServer::Talk& talk) {
        for (std::size_t end = 0; (end = talk.in.find("\r\n\r\n")) != std::string::npos;) {
            talk.in.erase(0, end + 4);
            talk.out += reply(talk, (*count)++);
        }
    };
}

TEST(Drivers, AreSortedAndExplained) {
    std::vector<std::string> names;
    for (const Kind& kind : driver_kinds()) {
        names.push_back(kind.name);
        EXPECT_FALSE(kind.about.empty());
        for (const Parameter& parameter : kind.parameters)
            EXPECT_FALSE(parameter.help.empty());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"etcd", "exec", "http", "redis", "tcp"}));
}

TEST(Drivers, UnknownNameIsAnErrorWithTheNearest) {
    const auto load = make_load(load_spec("rediss", 1), {}, Random(1));
    ASSERT_FALSE(load.has_value());
    EXPECT_NE(load.error().message.find("redis"), std::string::npos);
}

TEST(HttpDriver, OtherStatusIsAFailedOperationWithItsNumber) {
    FakeServer server(http_answers([](FakeServer::Talk&, int count) {
        return count % 2 == 0 ? std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                              : std::string(
                                    "HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "2\r\nno\r\n0\r\n\r\n");
    }));
    LoadSpec spec = load_spec("http", 1000);
    spec.connections = 1;
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 100));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(server.accepted(), 1);
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_EQ(log[i].outcome, i % 2 == 0 ? Outcome::ok : Outcome::failed);
        EXPECT_EQ(log[i].version, i % 2 == 0 ? 200U : 503U);
    }
}

TEST(HttpDriver, CloseAfterAReplyIsNoFailure) {
    FakeServer server(http_answers([](FakeServer::Talk& talk, int) {
        talk.close = true;
        return std::string("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end");
    }));
    const auto load = started(load_spec("http", 500), one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 100));
    load->stop();
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < log.size(); ++i) {
        // On a slow machine some still wait for a connection when the load ends.
        ASSERT_TRUE(log[i].outcome == Outcome::ok || log[i].failure == Failure::unsent) << i;
    }
    EXPECT_GE(tally(log).ok, 100U);
    EXPECT_GE(server.accepted(), 100);
}

TEST(HttpDriver, SendsWhatTheScenarioSays) {
    std::string seen;
    std::mutex mutex;
    FakeServer server([&](FakeServer::Talk& talk) {
        if (talk.in.find("body!") == std::string::npos) return;
        const std::lock_guard lock(mutex);
        seen = std::exchange(talk.in, {});
        talk.out = "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n";
    });
    LoadSpec spec = load_spec("http", 100);
    spec.parameters.set("method", std::string("POST"));
    spec.parameters.set("path", std::string("/v3/kv/put"));
    spec.parameters.set("headers", std::map<std::string, std::string>{{"X-Test", "1"}});
    spec.parameters.set("body", std::string("body!"));
    spec.parameters.set("expect_status", std::int64_t{201});
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 1));
    load->stop();
    EXPECT_EQ(load->take_log()[0].outcome, Outcome::ok);
    const std::lock_guard lock(mutex);
    EXPECT_EQ(seen,
              "POST /v3/kv/put HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Test: 1\r\nContent-Length: "
              "5\r\n\r\nbody!");
}

TEST(HttpDriver, NonsenseIsUnexpectedAndEndsTheConnection) {
    FakeServer server([](FakeServer::Talk& talk) {
        talk.in.clear();
        talk.out = "+OK\r\n\r\n\r\n";
    });
    const auto load = started(load_spec("http", 500), one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 20));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(log[0].failure, Failure::unexpected);
    EXPECT_EQ(log[0].outcome, Outcome::unknown);
    EXPECT_GT(server.accepted(), 4);
}

TEST(TcpDriver, ConnectIsAnOperation) {
    FakeServer server([](FakeServer::Talk&) {});
    const auto load = started(load_spec("tcp", 500), one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 50));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).ok, log.size());
    EXPECT_TRUE(
        test::eventually([&] { return server.accepted() == static_cast<int>(log.size()); }));
    EXPECT_EQ(load->operation_kinds(), std::vector<std::string>{"connect"});
}

TEST(TcpDriver, ConnectRefusedIsFailed) {
    const Endpoint nowhere{"fake[0]", "127.0.0.1", test::free_port()};
    const auto load = started(load_spec("tcp", 500), one(nowhere));
    ASSERT_TRUE(reaches(*load, 20));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).failed, log.size());
    EXPECT_EQ(log[0].failure, Failure::refused);
    EXPECT_EQ(log[0].endpoint, 0);
}

TEST(TcpDriver, EchoMustComeBackAsItWas) {
    std::atomic<bool> wrong{false};
    FakeServer server([&](FakeServer::Talk& talk) {
        talk.out = std::exchange(talk.in, {});
        if (wrong) talk.out[0] = 'x';
    });
    LoadSpec spec = load_spec("tcp", 500);
    spec.parameters.set("mode", std::string("echo"));
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 50));
    EXPECT_EQ(load->progress().ok, load->settled_since(0).size());
    wrong = true;
    ASSERT_TRUE(test::eventually([&] { return load->progress().unknown > 0; }));
    load->stop();
}

TEST(ExecDriver, ExitStatusDecides) {
    LoadSpec spec = load_spec("exec", 50);
    spec.parameters.set(
        "command",
        std::vector<std::string>{"/bin/sh", "-c", "exit $((FAULTLINE_SEQUENCE % 2 * 3))"});
    const auto load = started(spec, {});
    ASSERT_TRUE(reaches(*load, 10));
    load->stop();
    const OperationLog log = load->take_log();
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(log[i].outcome, i % 2 == 0 ? Outcome::ok : Outcome::failed) << i;
        EXPECT_EQ(log[i].version, i % 2 == 0 ? 0U : 3U);
        EXPECT_GT(log[i].end_ns, log[i].intended_ns);
    }
}

TEST(ExecDriver, CommandThatHangsIsUnknownAndWhatWaitedBehindItNeverRan) {
    LoadSpec spec = load_spec("exec", 100);
    spec.timeout = 1s;
    spec.parameters.set("command", std::vector<std::string>{"sleep", "100"});
    spec.parameters.set("concurrency", std::int64_t{2});
    const auto load = started(spec, {});
    ASSERT_TRUE(test::eventually([&] { return load->progress().intended >= 10; }));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(log[0].outcome, Outcome::unknown);
    EXPECT_EQ(log[0].failure, Failure::timeout);
    EXPECT_EQ(log[log.size() - 1].outcome, Outcome::failed);
    EXPECT_EQ(tally(log).ok, 0U);
}

TEST(ExecDriver, ProgramThatIsNotThereIsRefused) {
    LoadSpec spec = load_spec("exec", 100);
    spec.parameters.set("command", std::vector<std::string>{"/nonexistent/program"});
    const auto load = started(spec, {});
    ASSERT_TRUE(reaches(*load, 3));
    load->stop();
    EXPECT_EQ(load->take_log()[0].failure, Failure::refused);
}

}  // namespace
}  // namespace faultline
