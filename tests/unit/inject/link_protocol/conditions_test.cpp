// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/conditions.hpp"

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

RequestMatch match_of(RequestConditions conditions) {
    auto made = RequestMatch::make(std::move(conditions), RequestProtocol::automatic);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
}

Request http(std::string_view method, std::string_view target) {
    return {.protocol = RequestProtocol::http,
            .method = method,
            .target = target,
            .fields = {{"Host", "here"}, {"X-User", "ann"}, {"x-user", "bob"}}};
}

Request redis(std::string_view command, std::string_view key) {
    return {.protocol = RequestProtocol::redis, .command = command, .key = key};
}

TEST(RequestMatch, WithoutConditionsIsForEverything) {
    const auto match = match_of({});
    EXPECT_TRUE(match(http("GET", "/")));
    EXPECT_TRUE(match(redis("GET", "a")));
}

TEST(RequestMatch, ComparesMethodAndPathExactly) {
    const auto match = match_of({.method = "GET", .path = "/a"});
    EXPECT_TRUE(match(http("GET", "/a")));
    EXPECT_TRUE(match(http("GET", "/a?b=c")));
    EXPECT_TRUE(match(http("GET", "http://here/a")));
    EXPECT_FALSE(match(http("POST", "/a")));
    EXPECT_FALSE(match(http("get", "/a")));
    EXPECT_FALSE(match(http("GET", "/a/b")));
    EXPECT_FALSE(match(redis("GET", "/a")));
}

TEST(RequestMatch, SearchesPathAndQueryForAPattern) {
    const auto match = match_of({.path_pattern = "^/users/\\d+(\\?|$)"});
    EXPECT_TRUE(match(http("GET", "/users/12")));
    EXPECT_TRUE(match(http("GET", "/users/12?full=1")));
    EXPECT_FALSE(match(http("GET", "/users/ann")));
    EXPECT_TRUE(match_of({.path_pattern = "full=1"})(http("GET", "/users/12?full=1")));
}

TEST(RequestMatch, WantsEveryHeaderWithItsValue) {
    EXPECT_TRUE(match_of({.header = {{"x-USER", "bob"}}})(http("GET", "/")));
    EXPECT_TRUE(match_of({.header = {{"X-User", "ann"}, {"host", "here"}}})(http("GET", "/")));
    EXPECT_FALSE(match_of({.header = {{"X-User", "Ann"}}})(http("GET", "/")));
    EXPECT_FALSE(match_of({.header = {{"X-User", "ann"}, {"X-Other", "1"}}})(http("GET", "/")));
}

TEST(RequestMatch, KnowsCommandsInAnyCaseAndKeysExactly) {
    const auto match = match_of({.commands = {"get", "MGET"}, .key = "a"});
    EXPECT_TRUE(match(redis("GET", "a")));
    EXPECT_TRUE(match(redis("mget", "a")));
    EXPECT_FALSE(match(redis("SET", "a")));
    EXPECT_FALSE(match(redis("GET", "A")));
    EXPECT_FALSE(match(http("GET", "a")));
    EXPECT_TRUE(match_of({.key_pattern = "^user:"})(redis("SET", "user:1")));
    EXPECT_FALSE(match_of({.key_pattern = "^user:"})(redis("PING", "")));
    EXPECT_TRUE(match_of({.key_pattern = "\\xff$"})(redis("GET", "a\xff"))) << "keys are bytes";
}

TEST(RequestMatch, RefusesWhatNothingCanFulfil) {
    const auto refused = [](RequestConditions conditions, RequestProtocol spoken) {
        const auto made = RequestMatch::make(std::move(conditions), spoken);
        return made ? "" : made.error().message;
    };
    EXPECT_NE(refused({.method = "GET", .key = "a"}, RequestProtocol::automatic).find("both"),
              std::string::npos);
    EXPECT_NE(refused({.path = "/"}, RequestProtocol::redis).find("protocol is redis"),
              std::string::npos);
    EXPECT_NE(refused({.commands = {"GET"}}, RequestProtocol::http).find("protocol is http"),
              std::string::npos);
    EXPECT_NE(refused({.path_pattern = "("}, RequestProtocol::http).find("RE2"), std::string::npos);
    EXPECT_NE(refused({.key_pattern = "("}, RequestProtocol::redis).find("RE2"), std::string::npos);
}

}  // namespace
}  // namespace faultline::link
