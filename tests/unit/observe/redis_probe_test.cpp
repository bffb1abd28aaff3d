// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/observe/scripted_server.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

constexpr Duration timeout = std::chrono::seconds(30);

ProbeSpec redis_spec(const std::string& kind) {
    ProbeSpec spec{.kind = kind, .timeout = timeout};
    if (kind == "redis.info") spec.parameters.set("field", std::string("master_link_status"));
    if (kind == "redis.sentinel") {
        spec.parameters.set("master", std::string("mymaster"));
        spec.parameters.set("replicas", std::int64_t{2});
        spec.parameters.set("sentinels", std::int64_t{1});
    }
    return spec;
}

class RedisProbeTest : public testing::Test {
  protected:
    [[nodiscard]] std::unique_ptr<Probe> make(const ProbeSpec& spec) {
        auto probe = make_probe(loop_, spec, {.instance = "redis[0]", .port = server_.port()});
        EXPECT_TRUE(probe);
        return std::move(*probe);
    }
    void reply_with(const std::string& text) {
        server_.set_reply([text](const std::string&) { return text; });
    }
    [[nodiscard]] ProbeAnswer ask_for(const std::string& kind, const std::string& reply) {
        reply_with(reply);
        return ask(loop_, *make(redis_spec(kind)));
    }

    Loop loop_;
    ScriptedServer server_{loop_, [](const std::string&) { return "+PONG\r\n"; }};
};

std::string flat(const std::vector<std::string>& words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words)
        text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return text;
}

std::string sentinel_reply(const std::string& flags,
                           const std::string& replicas,
                           const std::string& others) {
    return flat({"name",
                 "mymaster",
                 "ip",
                 "127.0.0.1",
                 "port",
                 "7001",
                 "flags",
                 flags,
                 "num-slaves",
                 replicas,
                 "num-other-sentinels",
                 others});
}

TEST_F(RedisProbeTest, PingIsOkForPongAlone) {
    const ProbeAnswer pong = ask_for("redis.ping", "+PONG\r\n");
    EXPECT_TRUE(pong.ok);
    EXPECT_EQ(pong.value, "PONG");
    EXPECT_LE(pong.asked, pong.answered);
    EXPECT_FALSE(ask_for("redis.ping", "+OK\r\n").ok);
    const ProbeAnswer loading = ask_for("redis.ping", "-LOADING Redis is loading the dataset\r\n");
    EXPECT_FALSE(loading.ok);
    EXPECT_THAT(loading.error, HasSubstr("LOADING"));
}

TEST_F(RedisProbeTest, RoleIsTheFirstWordOfTheReply) {
    EXPECT_EQ(ask_for("redis.role", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n").value, "master");
    EXPECT_EQ(ask_for("redis.role", "*2\r\n$8\r\nsentinel\r\n*0\r\n").value, "sentinel");
    EXPECT_FALSE(ask_for("redis.role", "*0\r\n").ok);
    EXPECT_FALSE(ask_for("redis.role", "+master\r\n").ok);
}

TEST_F(RedisProbeTest, InfoIsTheValueOfItsField) {
    const std::string text =
        "# Replication\r\nxmaster_link_status:no\r\nmaster_link_status:up\r\nother:1\r\n";
    const std::string bulk = "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
    EXPECT_EQ(ask_for("redis.info", bulk).value, "up");
    const ProbeAnswer absent = ask_for("redis.info", "$0\r\n\r\n");
    EXPECT_FALSE(absent.ok);
    EXPECT_THAT(absent.error, HasSubstr("master_link_status"));
}

TEST_F(RedisProbeTest, SentinelIsOkWhenItSeesAHealthyMasterAndEnoughOthers) {
    const ProbeAnswer healthy = ask_for("redis.sentinel", sentinel_reply("master", "2", "1"));
    EXPECT_TRUE(healthy.ok) << healthy.error;
    EXPECT_EQ(healthy.value, "127.0.0.1:7001");
    EXPECT_FALSE(ask_for("redis.sentinel", sentinel_reply("master,s_down", "2", "1")).ok);
    EXPECT_FALSE(ask_for("redis.sentinel", sentinel_reply("master", "1", "1")).ok);
    EXPECT_FALSE(ask_for("redis.sentinel", sentinel_reply("master", "2", "0")).ok);
    EXPECT_FALSE(ask_for("redis.sentinel", "-ERR No such master with that name\r\n").ok);
    EXPECT_FALSE(ask_for("redis.sentinel", "*0\r\n").ok);
}

TEST_F(RedisProbeTest, KeepsItsConnection) {
    const auto probe = make(redis_spec("redis.ping"));
    for (int count = 0; count < 5; ++count)
        EXPECT_TRUE(ask(loop_, *probe).ok);
    EXPECT_EQ(server_.connections(), 1);
    EXPECT_EQ(server_.requests(), 5);
}

TEST_F(RedisProbeTest, ConnectsAgainWhenTheKeptConnectionHasEnded) {
    const auto probe = make(redis_spec("redis.ping"));
    EXPECT_TRUE(ask(loop_, *probe).ok);
    server_.close_connections();
    EXPECT_TRUE(ask(loop_, *probe).ok);
    EXPECT_EQ(server_.connections(), 2);
}

TEST_F(RedisProbeTest, AnswersAnErrorWhenAFreshConnectionEndsWithoutAReply) {
    server_.set_reply([](const std::string&) { return std::nullopt; });
    const auto probe = make(redis_spec("redis.ping"));
    EXPECT_FALSE(ask(loop_, *probe).ok);
    EXPECT_EQ(server_.connections(), 1);
}

TEST_F(RedisProbeTest, WaitsForTheRestOfAReply) {
    reply_with("+PO");
    ProbeSpec spec = redis_spec("redis.ping");
    spec.timeout = std::chrono::milliseconds(50);
    EXPECT_THAT(ask(loop_, *make(spec)).error, HasSubstr("no answer"));
}

TEST_F(RedisProbeTest, TimesOutOnAHungServerAndDropsTheLateReply) {
    reply_with("");
    ProbeSpec spec = redis_spec("redis.role");
    spec.timeout = std::chrono::milliseconds(50);
    const auto probe = make(spec);
    const ProbeAnswer hung = ask(loop_, *probe);
    EXPECT_FALSE(hung.ok);
    EXPECT_EQ(hung.error, "no answer within 50ms");
    EXPECT_GE(hung.answered - hung.asked, spec.timeout);
    reply_with("*1\r\n$5\r\nslave\r\n");
    EXPECT_EQ(server_.connections(), 1);
    const auto patient = make(redis_spec("redis.role"));
    EXPECT_EQ(ask(loop_, *patient).value, "slave");
}

TEST_F(RedisProbeTest, NamesTheAddressThatRefuses) {
    const std::uint16_t port = refusing_port(loop_);
    auto probe =
        make_probe(loop_, redis_spec("redis.ping"), {.instance = "redis[0]", .port = port});
    ASSERT_TRUE(probe);
    const ProbeAnswer answer = ask(loop_, **probe);
    EXPECT_FALSE(answer.ok);
    EXPECT_THAT(
        answer.error,
        HasSubstr("connecting to 127.0.0.1:" + std::to_string(port) + ": Connection refused"));
}

TEST_F(RedisProbeTest, AnswersAnErrorToWhatIsNotRedis) {
    EXPECT_THAT(ask_for("redis.ping", "HTTP/1.1 400 Bad Request\r\n").error,
                HasSubstr("not a Redis reply"));
}

TEST_F(RedisProbeTest, NeverCallsBackOnceDestroyed) {
    auto probe = make(redis_spec("redis.ping"));
    bool called = false;
    probe->ask([&called](const ProbeAnswer&) { called = true; });
    loop_.wait_until(now() + timeout, [this] { return server_.requests() == 1; });
    probe.reset();
    loop_.run_until(now() + std::chrono::milliseconds(20));
    EXPECT_FALSE(called);
}

TEST_F(RedisProbeTest, MayBeDestroyedByItsOwnAnswer) {
    auto probe = make(redis_spec("redis.ping"));
    bool called = false;
    probe->ask([&](const ProbeAnswer&) {
        called = true;
        probe.reset();
    });
    EXPECT_TRUE(loop_.wait_until(now() + timeout, [&called] { return called; }));
    loop_.run_until(now());
}

TEST_F(RedisProbeTest, NeedsAPortAndAnAddress) {
    EXPECT_FALSE(make_probe(loop_, redis_spec("redis.ping"), {.instance = "redis[0]"}));
    EXPECT_FALSE(make_probe(
        loop_, redis_spec("redis.ping"), {.instance = "redis[0]", .host = "here", .port = 1}));
}

}  // namespace
}  // namespace faultline
