// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/client/redis_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kvnode/fake_redis.hpp"

namespace kvnode::client {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// Long enough never to end a test, except where a test is about it.
RedisClientSettings settings_for(std::vector<RedisAddress> nodes) {
    return {.nodes = std::move(nodes),
            .call_timeout = 1min,
            .attempt_timeout = 1min,
            .retry = {.attempts_max = 5, .backoff = {.base = 1ms, .cap = 5ms}}};
}

std::string moved_to(const RedisAddress& address) {
    return "-MOVED 1 " + spell(address) + "\r\n";
}

TEST(RedisClient, AsksAndAnswers) {
    FakeRedis server([](const Words& words) {
        return words.size() == 2 ? "$1\r\n" + words[1] + "\r\n" : "*2\r\n:7\r\n$-1\r\n";
    });
    RedisClient client(settings_for({server.address()}));
    const auto value = client.call({"GET", "a"});
    ASSERT_TRUE(value);
    EXPECT_EQ(value->text, "a");
    const auto array = client.call({"MGET", "a", "b"});
    ASSERT_TRUE(array);
    ASSERT_EQ(array->elements.size(), 2U);
    EXPECT_EQ(array->elements[0].integer, 7);
    EXPECT_TRUE(array->elements[1].is_nil());
}

TEST(RedisClient, HandsOnWhatTheServerRefuses) {
    FakeRedis server([](const Words&) { return "-ERR no such command\r\n"; });
    RedisClient client(settings_for({server.address()}));
    const auto reply = client.call({"NONSENSE"});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::bad_request);
    EXPECT_EQ(reply.error().message, "ERR no such command");
    EXPECT_EQ(server.asked(), 1);
}

TEST(RedisClient, FollowsARedirectAlsoToANodeItDidNotKnow) {
    FakeRedis primary([](const Words&) { return "+OK\r\n"; });
    FakeRedis secondary([&](const Words&) { return moved_to(primary.address()); });
    RedisClient client(settings_for({secondary.address()}));
    EXPECT_TRUE(client.call({"SET", "a", "1"}));
    EXPECT_EQ(client.node(), primary.address());
    EXPECT_TRUE(client.call({"SET", "a", "2"}));
    EXPECT_EQ(secondary.asked(), 1) << "the second call knows better";
}

TEST(RedisClient, AsksAReplicaForItsPrimary) {
    FakeRedis primary([](const Words&) { return "+OK\r\n"; });
    FakeRedis replica([&](const Words& words) {
        if (words[0] != "ROLE") return std::string("-READONLY You can't write\r\n");
        return "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:" +
               std::to_string(primary.address().port) + "\r\n$9\r\nconnected\r\n:0\r\n";
    });
    FakeRedis never([](const Words&) { return "-ERR not here\r\n"; });
    RedisClient client(settings_for({replica.address(), never.address(), primary.address()}));
    EXPECT_TRUE(client.call({"INCR", "a"}));
    EXPECT_EQ(client.node(), primary.address());
    EXPECT_EQ(never.asked(), 0);
}

TEST(RedisClient, GoesToTheNextNodeWhenOneIsGone) {
    FakeRedis server([](const Words&) { return ":1\r\n"; });
    RedisClient client(settings_for({nobodys_address(), server.address()}));
    const auto reply = client.call({"INCR", "a"});
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->integer, 1);
}

TEST(RedisClient, NeverRepeatsAWriteThatMayHaveHappened) {
    FakeRedis server([](const Words&) { return FakeRedis::hang_up; });
    RedisClient client(settings_for({server.address()}));
    const auto reply = client.call({"INCR", "a"});
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, ErrorCode::outcome_unknown);
    EXPECT_EQ(server.asked(), 1);
}

TEST(RedisClient, RepeatsReadsAndWhatIsSaidToBeIdempotent) {
    std::atomic<int> failures{2};
    FakeRedis server([&](const Words&) { return failures-- > 0 ? FakeRedis::hang_up : "+OK\r\n"; });
    RedisClient client(settings_for({server.address()}));
    EXPECT_TRUE(client.call({"GET", "a"}));
    failures = 1;
    EXPECT_TRUE(client.call({"SET", "a", "1"}, true));
    EXPECT_EQ(server.asked(), 5);
}

TEST(RedisClient, TriesAgainLaterWhenNobodyLeadsYet) {
    std::atomic<int> refusals{3};
    FakeRedis server([&](const Words&) {
        return refusals-- > 0 ? "-NO_PRIMARY an election runs\r\n" : "+OK\r\n";
    });
    RedisClient client(settings_for({server.address()}));
    EXPECT_TRUE(client.call({"SET", "a", "1"}));
    EXPECT_EQ(server.asked(), 4);
}

TEST(RedisClient, WaitsNoLongerThanItsAttemptMay) {
    FakeRedis silent([](const Words&) { return FakeRedis::silence; });
    FakeRedis server([](const Words&) { return "+OK\r\n"; });
    RedisClientSettings settings = settings_for({silent.address(), server.address()});
    settings.attempt_timeout = 20ms;
    RedisClient client(settings);
    const auto write = client.call({"INCR", "a"});
    ASSERT_FALSE(write);
    EXPECT_EQ(write.error().code, ErrorCode::outcome_unknown);
    EXPECT_THAT(write.error().message, HasSubstr("did not answer in time"));
}

TEST(RedisClient, StopsAskingANodeThatOnlyFails) {
    RedisClientSettings settings = settings_for({nobodys_address()});
    settings.breaker = {.calls_min = 3, .open_for = 1h, .open_for_max = 1h};
    RedisClient client(settings);
    EXPECT_FALSE(client.call({"PING"}));
    EXPECT_EQ(client.breaker_of(settings.nodes[0]), CircuitBreaker::State::open);
    const auto refused = client.call({"PING"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().refused_by, "breaker");
}

TEST(RedisClient, ConnectsAgainAfterALoss) {
    FakeRedis server([&](const Words& words) {
        return words[0] == "QUIT" ? std::string(FakeRedis::hang_up) : std::string("+OK\r\n");
    });
    RedisClient client(settings_for({server.address()}));
    EXPECT_TRUE(client.call({"SET", "a", "1"}));
    EXPECT_FALSE(client.call({"QUIT"}));
    EXPECT_TRUE(client.call({"SET", "a", "2"}));
}

}  // namespace
}  // namespace kvnode::client
