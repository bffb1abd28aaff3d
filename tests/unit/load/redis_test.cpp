// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <csignal>

#include "harness/load/drivers/redis_route.hpp"
#include "tests/unit/load/load_fixture.hpp"
#include "tests/unit/load/real_redis.hpp"

namespace faultline {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::FakeServer;
using test::load_spec;
using test::one;
using test::reaches;
using test::RealRedis;
using test::started;
using test::tally;

using Words = std::vector<std::string>;
using Weights = std::map<std::string, double>;

/// A pretended instance whose role a test can change.
struct FakeRedis {
    std::atomic<bool> master;
    std::atomic<int> sets{0};
    FakeServer server;

    explicit FakeRedis(bool is_master)
        : master(is_master),
          server(test::resp_answers([this](const Words& words) { return answer(words); })) {}
    std::string answer(const Words& words) {
        if (words[0] == "ROLE") {
            return master ? "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n" : "*1\r\n$5\r\nslave\r\n";
        }
        if (!master) return "-READONLY You can't write against a read only replica.\r\n";
        ++sets;
        return "+OK\r\n";
    }
};

LoadSpec following(double rate) {
    LoadSpec spec = load_spec("redis", rate);
    spec.to.role = "primary";
    spec.parameters.set("operations", Weights{{"set", 1.0}});
    return spec;
}

TEST(RedisFollow, FindsThePrimaryAmongAllAndSendsNothingToOthers) {
    FakeRedis a(false);
    FakeRedis b(true);
    const auto load =
        started(following(1000), {.endpoints = {a.server.endpoint(), b.server.endpoint()}});
    ASSERT_TRUE(reaches(*load, 50));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).ok, log.size());
    EXPECT_EQ(log[10].endpoint, 1);
    EXPECT_EQ(a.sets, 0);
}

TEST(RedisFollow, ReadOnlyAnswersFailAndSendItToTheNewPrimary) {
    FakeRedis a(true);
    FakeRedis b(false);
    const auto load =
        started(following(1000), {.endpoints = {a.server.endpoint(), b.server.endpoint()}});
    ASSERT_TRUE(reaches(*load, 50));
    a.master = false;
    ASSERT_TRUE(eventually([&] { return load->progress().failed > 0; }));
    b.master = true;
    ASSERT_TRUE(eventually([&] { return b.sets > 20; }));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).unknown, 0U);
    bool refused_by_role = false;
    for (std::size_t i = 0; i < log.size(); ++i) {
        refused_by_role = refused_by_role || log[i].failure == Failure::error_reply;
    }
    EXPECT_TRUE(refused_by_role);
    EXPECT_EQ(log[log.size() - 1].endpoint, 1);
}

TEST(RedisFollow, InstanceThatHangsDoesNotHideTheNewPrimary) {
    FakeRedis a(true);
    FakeRedis b(false);
    LoadSpec spec = following(500);
    spec.timeout = 100ms;
    const auto load = started(spec, {.endpoints = {a.server.endpoint(), b.server.endpoint()}});
    ASSERT_TRUE(reaches(*load, 20));
    a.server.stall(true);
    ASSERT_TRUE(eventually([&] { return load->progress().unknown > 0; }));
    b.master = true;
    EXPECT_TRUE(eventually([&] { return b.sets > 20; }));
    load->stop();
}

TEST(RedisFollow, KeepStaysOnItsConnectionThroughATimeout) {
    FakeRedis a(true);
    LoadSpec spec = following(500);
    spec.timeout = 50ms;
    spec.connections = 1;
    spec.parameters.set("on_timeout", std::string("keep"));
    const auto load = started(spec, one(a.server.endpoint()));
    ASSERT_TRUE(reaches(*load, 20));
    const int connections = a.server.accepted();
    a.server.stall(true);
    ASSERT_TRUE(eventually([&] { return load->progress().unknown > 5; }));
    const std::uint64_t ok = load->progress().ok;
    a.server.stall(false);
    ASSERT_TRUE(eventually([&] { return load->progress().ok > ok + 20; }));
    load->stop();
    EXPECT_EQ(a.server.accepted(), connections);
}

TEST(RedisFollow, SentinelSaysWhereAndRoleVerifiesIt) {
    FakeRedis a(true);
    FakeRedis b(false);
    std::atomic<int> named{a.server.port()};
    FakeServer sentinel(test::resp_answers([&](const Words& words) {
        EXPECT_EQ(words, (Words{"SENTINEL", "get-master-addr-by-name", "group"}));
        const std::string port = std::to_string(named.load());
        return "*2\r\n$9\r\n127.0.0.1\r\n$" + std::to_string(port.size()) + "\r\n" + port + "\r\n";
    }));
    LoadSpec spec = following(500);
    spec.parameters.set("follow", std::string("sentinel"));
    spec.parameters.set("master", std::string("group"));
    const auto load = started(spec,
                              {.endpoints = {a.server.endpoint(), b.server.endpoint()},
                               .sentinels = {sentinel.endpoint()}});
    ASSERT_TRUE(eventually([&] { return a.sets > 20; }));
    b.master = true;  // not believed until the sentinel says so
    a.server.stop();
    ASSERT_TRUE(eventually([&] { return load->progress().failed > 10; }));
    EXPECT_EQ(b.sets, 0);
    named = b.server.port();
    EXPECT_TRUE(eventually([&] { return b.sets > 20; }));
    load->stop();
}

TEST(RedisFollow, SentinelWithoutSentinelsIsAnError) {
    LoadSpec spec = following(500);
    spec.parameters.set("follow", std::string("sentinel"));
    const auto load = make_load(spec, {}, Random(1));
    ASSERT_FALSE(load.has_value());
    EXPECT_NE(load.error().message.find("sentinel"), std::string::npos);
}

// ---- redirects

LoadSpec redirecting(double rate) {
    LoadSpec spec = following(rate);
    spec.parameters.set("redirects", true);
    return spec;
}

TEST(RedisRedirects, WhatWasRefusedIsSentAgainToTheNewPrimary) {
    FakeRedis a(true);
    FakeRedis b(false);
    const auto load =
        started(redirecting(1000), {.endpoints = {a.server.endpoint(), b.server.endpoint()}});
    ASSERT_TRUE(reaches(*load, 50));
    a.master = false;
    ASSERT_TRUE(eventually([&] { return load->progress().intended > 100; }));
    b.master = true;
    ASSERT_TRUE(eventually([&] { return b.sets > 50; }));
    load->stop();
    EXPECT_GT(load->progress().redirected, 0U);
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).ok, log.size()) << "none was lost on the way";
    bool waited = false;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const std::int64_t took = log[i].end_ns - log[i].intended_ns;
        waited = waited || (log[i].endpoint == 1 && took > std::int64_t{log[i].lag_us} * 1000);
    }
    EXPECT_TRUE(waited);
}

TEST(RedisRedirects, LatencyAndLagCountFromTheIntendedStart) {
    FakeRedis a(true);
    FakeRedis b(false);
    LoadSpec spec = redirecting(1000);
    spec.connections = 1;
    const auto load = started(spec, {.endpoints = {a.server.endpoint(), b.server.endpoint()}});
    ASSERT_TRUE(reaches(*load, 20));
    a.master = false;
    ASSERT_TRUE(eventually([&] { return load->progress().intended > 200; }));
    const Instant flip = now();
    b.master = true;
    ASSERT_TRUE(eventually([&] { return b.sets > 20; }));
    load->stop();
    const OperationLog log = load->take_log();
    std::size_t spanning = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        const bool before = instant_of(log[i].intended_ns) < flip;
        if (!before || log[i].endpoint != 1) continue;
        ++spanning;
        EXPECT_GE(instant_of(log[i].end_ns), flip);
        EXPECT_LE(log[i].lag_us, (log[i].end_ns - log[i].intended_ns) / 1000);
    }
    EXPECT_GT(spanning, 0U);
}

TEST(RedisRedirects, MovedNamesThePlaceAndIsFollowedWithoutAsking) {
    std::atomic<int> sets{0};
    // It never says that it is the master, so only the hint leads here.
    FakeServer b(test::resp_answers([&](const Words& words) -> std::string {
        if (words[0] == "ROLE") return "*1\r\n$5\r\nslave\r\n";
        ++sets;
        return "+OK\r\n";
    }));
    std::atomic<bool> moved{false};
    FakeServer a(test::resp_answers([&](const Words& words) -> std::string {
        if (words[0] == "ROLE") {
            return moved ? "*1\r\n$5\r\nslave\r\n" : "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
        }
        if (!moved) return "+OK\r\n";
        return "-MOVED 0 127.0.0.1:" + std::to_string(b.port()) + "\r\n";
    }));
    const auto load = started(redirecting(500), {.endpoints = {a.endpoint(), b.endpoint()}});
    ASSERT_TRUE(reaches(*load, 20));
    moved = true;
    ASSERT_TRUE(eventually([&] { return sets > 20; }));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).ok, log.size());
}

/// Answers for an instance behind a link: it is connected to at `server`, and others call it by
/// another address.
Endpoint linked(const FakeServer& server, std::uint16_t own_port) {
    Endpoint endpoint = server.endpoint();
    endpoint.also = {{"127.0.0.1", own_port}};
    return endpoint;
}

TEST(RedisLinks, MovedToAnInstancesOwnAddressGoesThroughItsLink) {
    std::atomic<int> sets{0};
    FakeServer b(test::resp_answers([&](const Words& words) -> std::string {
        if (words[0] == "ROLE") return "*1\r\n$5\r\nslave\r\n";
        ++sets;
        return "+OK\r\n";
    }));
    const std::uint16_t own = test::free_port();  // nobody is there: the link must be taken
    std::atomic<bool> moved{false};
    FakeServer a(test::resp_answers([&](const Words& words) -> std::string {
        if (words[0] == "ROLE") {
            return moved ? "*1\r\n$5\r\nslave\r\n" : "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
        }
        if (!moved) return "+OK\r\n";
        return "-MOVED 0 127.0.0.1:" + std::to_string(own) + "\r\n";
    }));
    const auto load = started(redirecting(500), {.endpoints = {a.endpoint(), linked(b, own)}});
    ASSERT_TRUE(reaches(*load, 20));
    moved = true;
    ASSERT_TRUE(eventually([&] { return sets > 20; }));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(log[log.size() - 1].endpoint, 1);
}

TEST(RedisLinks, SentinelsAnswerIsReachedThroughTheLink) {
    FakeRedis a(true);
    const std::uint16_t own = test::free_port();
    FakeServer sentinel(test::resp_answers([&](const Words&) {
        const std::string port = std::to_string(own);
        return "*2\r\n$9\r\n127.0.0.1\r\n$" + std::to_string(port.size()) + "\r\n" + port + "\r\n";
    }));
    LoadSpec spec = following(500);
    spec.parameters.set("follow", std::string("sentinel"));
    const auto load =
        started(spec, {.endpoints = {linked(a.server, own)}, .sentinels = {sentinel.endpoint()}});
    EXPECT_TRUE(eventually([&] { return a.sets > 20; }));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(log[log.size() - 1].endpoint, 0);
}

TEST(RedisLinks, UnknownAddressStaysWhatItIs) {
    RedisSearch search;
    search.endpoints = {*resolve("127.0.0.1", 1), *resolve("127.0.0.1", 2)};
    search.aliases = {{*resolve("127.0.0.1", 12), 1}};
    EXPECT_EQ(place_of(search, *resolve("127.0.0.1", 1)).endpoint, 0);
    EXPECT_EQ(place_of(search, *resolve("127.0.0.1", 12)).endpoint, 1);
    EXPECT_EQ(place_of(search, *resolve("127.0.0.1", 3)).endpoint, 0xFF);
}

TEST(RedisRedirects, EveryCodeThatMeansNotExecutedIsOne) {
    for (const std::string error : {"MOVED 1 elsewhere:1",
                                    "ASK 1 127.0.0.1:1",
                                    "READONLY no",
                                    "LOADING yet",
                                    "MASTERDOWN Link",
                                    "CLUSTERDOWN it is",
                                    "TRYAGAIN later",
                                    "NOPRIMARY yet",
                                    "NOTREADY"}) {
        std::atomic<int> refused{0};
        FakeServer server(test::resp_answers([&](const Words& words) -> std::string {
            if (words[0] == "ROLE") return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
            return ++refused <= 3 ? "-" + error + "\r\n" : "+OK\r\n";
        }));
        const auto load = started(redirecting(200), one(server.endpoint()));
        EXPECT_TRUE(reaches(*load, 10)) << error;
        load->stop();
        const OperationLog log = load->take_log();
        EXPECT_EQ(tally(log).ok, log.size()) << error;
    }
}

TEST(RedisRedirects, OtherErrorsFailAsBefore) {
    FakeServer server(test::resp_answers([&](const Words& words) -> std::string {
        if (words[0] == "ROLE") return "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
        return words[0] == "SET" ? "-READONLYISH is no code\r\n" : "-ERR no\r\n";
    }));
    LoadSpec spec = redirecting(500);
    spec.parameters.set("operations", Weights{{"set", 0.5}, {"get", 0.5}});
    const auto load = started(spec, one(server.endpoint()));
    ASSERT_TRUE(reaches(*load, 50));
    load->stop();
    EXPECT_EQ(load->progress().redirected, 0U);
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).failed, log.size());
    EXPECT_EQ(log[0].failure, Failure::error_reply);
}

TEST(RedisRedirects, WhatIsNeverAcceptedFailsAtItsTimeoutAndIsNotUnknown) {
    FakeRedis a(true);
    LoadSpec spec = redirecting(500);
    spec.timeout = 50ms;
    const auto load = started(spec, one(a.server.endpoint()));
    ASSERT_TRUE(reaches(*load, 20));
    a.master = false;
    ASSERT_TRUE(eventually([&] { return load->progress().failed > 20; }));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(tally(log).unknown, 0U);
    std::size_t timed_out = 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].failure != Failure::timeout) continue;  // ok, or unsent at the end
        ++timed_out;
        EXPECT_EQ(log[i].outcome, Outcome::failed);
        EXPECT_EQ(log[i].end_ns - log[i].intended_ns, Duration(50ms).count());
    }
    EXPECT_GT(timed_out, 10U);
}

TEST(RedisRedirects, OperationsWaitForAPrimaryInsteadOfBeingRefused) {
    FakeRedis a(true);
    FakeRedis b(false);
    const auto load =
        started(redirecting(500), {.endpoints = {a.server.endpoint(), b.server.endpoint()}});
    ASSERT_TRUE(reaches(*load, 20));
    a.server.stop();  // what is in flight is unknown, what comes now cannot be sent
    const std::uint64_t intended = load->progress().intended;
    ASSERT_TRUE(eventually([&] { return load->progress().intended > intended + 50; }));
    b.master = true;
    ASSERT_TRUE(eventually([&] { return b.sets > 50; }));
    load->stop();
    EXPECT_EQ(tally(load->take_log()).failed, 0U);
}

// ---- how the search goes on

TEST(RedisSearchPace, PauseGrowsWithTheTimeSearched) {
    const RedisSearch search;
    EXPECT_EQ(next_pause(search, 0ms), search.pause_first);
    EXPECT_EQ(next_pause(search, 5ms), search.pause_first) << "what returns soon is found at once";
    EXPECT_EQ(next_pause(search, 160ms), 10ms);
    EXPECT_EQ(next_pause(search, 10s), search.pause_max);
}

TEST(RedisSearchPace, PatienceGrowsWhileNobodyAnswersOrTheSearchLasts) {
    const RedisSearch search;
    EXPECT_EQ(next_patience(search, 2ms, 0ms, true), 2ms);
    EXPECT_EQ(next_patience(search, 2ms, 40ms, true), 10ms);
    EXPECT_EQ(next_patience(search, 2ms, 10s, true), search.pause_max);
    EXPECT_EQ(next_patience(search, 2ms, 40ms, false), 4ms);
    EXPECT_EQ(next_patience(search, 80ms, 1s, false), search.answer_max);
}

/// Runs a load on a real redis-server until `count` operations are settled and stops it.
std::unique_ptr<Load> ran(const RealRedis& redis, LoadSpec spec, std::uint64_t count) {
    auto load = started(spec, one(redis.endpoint()));
    EXPECT_TRUE(reaches(*load, count));
    load->stop();
    return load;
}

LoadSpec real(const std::string& operation, std::int64_t keys) {
    LoadSpec spec = load_spec("redis", 5000);
    spec.to.role = "primary";
    spec.parameters.set("operations", Weights{{operation, 0.8}, {"get", 0.2}});
    spec.parameters.set("keys", keys);
    return spec;
}

class RealRedisLoad : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!redis_) GTEST_SKIP() << "redis-server is not installed";
    }
    static Instant soon() { return now() + 20s; }
    std::optional<RealRedis> redis_ = RealRedis::start();
};

TEST_F(RealRedisLoad, NothingIsLostWhenNothingHappens) {
    for (const std::string operation : {"set", "append", "incr"}) {
        for (const std::int64_t keys : {0, 50}) {
            redis_->command({"FLUSHALL"});
            const auto load = ran(*redis_, real(operation, keys), 2000);
            const WriteCheck check = load->check_writes(soon());
            EXPECT_TRUE(check.checked) << check.note;
            EXPECT_EQ(check.lost, 0U) << operation << keys;
            EXPECT_EQ(check.unknown, 0U);
            EXPECT_GT(check.acknowledged, 1000U);
            EXPECT_EQ(tally(load->take_log()).failed, 0U);
        }
    }
}

TEST_F(RealRedisLoad, FlushLosesEveryWriteToAKeyOfItsOwn) {
    for (const std::string operation : {"set", "append", "incr"}) {
        const auto load = ran(*redis_, real(operation, 0), 1000);
        redis_->command({"FLUSHALL"});
        const WriteCheck check = load->check_writes(soon());
        EXPECT_TRUE(check.checked) << check.note;
        EXPECT_EQ(check.lost, check.acknowledged) << operation;
        EXPECT_EQ(check.lost_keys.size(), 100U);
    }
}

TEST_F(RealRedisLoad, OneDeletedKeyIsOneLostWrite) {
    const auto load = ran(*redis_, real("set", 50), 1000);
    redis_->command({"DEL", "faultline:7"});
    const WriteCheck check = load->check_writes(soon());
    EXPECT_EQ(check.lost, 1U);
    EXPECT_EQ(check.lost_keys, std::vector<std::string>{"faultline:7"});
}

TEST_F(RealRedisLoad, AppendSeesEveryLostWriteOfAKey) {
    const auto load = ran(*redis_, real("append", 1), 500);
    const std::string list = redis_->command({"GET", "faultline:list:0"});
    const std::size_t cut = list.find(',', list.size() / 2) + 1;
    redis_->command({"SET", "faultline:list:0", std::string_view(list).substr(0, cut)});
    const auto gone = std::count(list.begin() + static_cast<std::ptrdiff_t>(cut), list.end(), ',');
    EXPECT_EQ(load->check_writes(soon()).lost, static_cast<std::uint64_t>(gone));
}

TEST_F(RealRedisLoad, CounterThatWentBackIsLost) {
    const auto load = ran(*redis_, real("incr", 1), 500);
    redis_->command({"DECRBY", "faultline:counter:0", "3"});
    EXPECT_EQ(load->check_writes(soon()).lost, 3U);
}

TEST_F(RealRedisLoad, ReadsOfOneServerAreNeverStale) {
    for (const std::string operation : {"set", "incr"}) {
        redis_->command({"FLUSHALL"});
        const auto load = ran(*redis_, real(operation, 5), 3000);
        const WriteCheck check = load->check_writes(soon());
        EXPECT_GT(check.reads_checked, 300U) << operation;
        EXPECT_EQ(check.stale_reads, 0U) << operation;
        EXPECT_TRUE(check.stale_keys.empty());
    }
    const WriteCheck lists = ran(*redis_, real("append", 5), 500)->check_writes(soon());
    EXPECT_EQ(lists.reads_checked, 0U) << "what a list held cannot be told";
}

TEST_F(RealRedisLoad, ReadsAfterAFlushAreStale) {
    for (const std::string operation : {"set", "incr"}) {
        LoadSpec spec = real(operation, 50);
        spec.parameters.set("operations", Weights{{operation, 0.1}, {"get", 0.9}});
        const auto load = started(spec, one(redis_->endpoint()));
        ASSERT_TRUE(reaches(*load, 3000));
        redis_->command({"FLUSHALL"});
        ASSERT_TRUE(reaches(*load, load->progress().intended + 3000));
        load->stop();
        const WriteCheck check = load->check_writes(soon());
        EXPECT_GT(check.stale_reads, 50U) << operation;
        EXPECT_LE(check.stale_keys.size(), 50U);
        EXPECT_FALSE(check.stale_keys.empty());
    }
}

TEST_F(RealRedisLoad, SomebodyElsesValueIsNotJudged) {
    LoadSpec spec = real("set", 1);
    spec.parameters.set("operations", Weights{{"get", 1}});
    redis_->command({"SET", "faultline:0", "hello"});
    const auto load = ran(*redis_, spec, 200);
    EXPECT_EQ(load->check_writes(soon()).reads_checked, 0U);
    EXPECT_EQ(load->take_log()[0].version, foreign_version);
}

TEST_F(RealRedisLoad, ServerThatIsGoneLeavesTheWritesUnchecked) {
    const auto load = ran(*redis_, real("set", 0), 200);
    redis_->signal(SIGKILL);
    const WriteCheck check = load->check_writes(now() + 200ms);
    EXPECT_FALSE(check.checked);
    EXPECT_GT(check.reads_checked, 0U) << "that needs no server";
    EXPECT_NE(check.note.find("0 of"), std::string::npos) << check.note;
}

TEST_F(RealRedisLoad, HangAndKillGiveUnknownAndRefusedOperations) {
    LoadSpec spec = real("set", 0);
    spec.rate = 1000;
    spec.timeout = 100ms;
    const auto load = started(spec, one(redis_->endpoint()));
    ASSERT_TRUE(reaches(*load, 100));
    redis_->signal(SIGSTOP);
    ASSERT_TRUE(eventually([&] { return load->progress().unknown > 0; }));
    redis_->signal(SIGCONT);
    const std::uint64_t ok = load->progress().ok;
    ASSERT_TRUE(eventually([&] { return load->progress().ok > ok + 50; }));
    const std::uint64_t failed = load->progress().failed;
    redis_->signal(SIGKILL);
    ASSERT_TRUE(eventually([&] { return load->progress().failed > failed + 50; }));
    load->stop();
    const OperationLog log = load->take_log();
    EXPECT_EQ(log[log.size() - 10].failure, Failure::refused);
}

}  // namespace
}  // namespace faultline
