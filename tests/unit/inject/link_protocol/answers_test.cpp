// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/answers.hpp"

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

std::string http(const HttpAnswer& answer, Answers::How how = {}) {
    const auto made = Answers::make(answer, "-ERR");
    return made ? made->text(RequestProtocol::http, how) : "refused: " + made.error().message;
}

std::string redis(const std::string& reply) {
    const auto made = Answers::make({}, reply);
    return made ? made->text(RequestProtocol::redis, {}) : "refused: " + made.error().message;
}

TEST(Answers, SpellHttp) {
    EXPECT_EQ(http({.status = 429, .headers = {{"Retry-After", "1"}}, .body = "slow"}),
              "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Type: text/plain\r\n"
              "Content-Length: 4\r\n\r\nslow");
    EXPECT_EQ(http({.headers = {{"content-type", "application/json"}}, .body = "{}"}),
              "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
              "Content-Length: 2\r\n\r\n{}");
    EXPECT_EQ(http({.status = 599}), "HTTP/1.1 599 Injected\r\nContent-Length: 0\r\n\r\n");
}

TEST(Answers, LeaveTheBodyOutWhereThereIsNone) {
    EXPECT_EQ(http({.status = 204, .body = "x"}), "HTTP/1.1 204 No Content\r\n\r\n");
    EXPECT_EQ(http({.status = 304, .body = "x"}), "HTTP/1.1 304 Not Modified\r\n\r\n");
    EXPECT_EQ(http({.body = "four"}, {.head_only = true}),
              "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
              "Content-Length: 4\r\n\r\n");
}

TEST(Answers, SayWhenTheConnectionEnds) {
    EXPECT_EQ(http({}, {.closes = true}),
              "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(Answers, SpellRedisRepliesByTheirFirstCharacter) {
    EXPECT_EQ(redis("-LOADING Redis is loading the dataset in memory"),
              "-LOADING Redis is loading the dataset in memory\r\n");
    EXPECT_EQ(redis("+OK"), "+OK\r\n");
    EXPECT_EQ(redis(":-12"), ":-12\r\n");
    EXPECT_EQ(redis("$-1"), "$-1\r\n");
    EXPECT_EQ(redis("hello"), "$5\r\nhello\r\n");
}

TEST(Answers, RefuseWhatCannotBeSent) {
    EXPECT_NE(redis("-ERR a\r\n+OK").find("line ends"), std::string::npos);
    EXPECT_NE(redis(":12a").find("no integer"), std::string::npos);
    EXPECT_NE(redis(":").find("no integer"), std::string::npos);
    EXPECT_NE(redis("").find("empty"), std::string::npos);
    EXPECT_NE(http({.status = 99}).find("between 100 and 599"), std::string::npos);
    EXPECT_NE(http({.status = 600}).find("between 100 and 599"), std::string::npos);
    EXPECT_NE(http({.headers = {{"Bad Name", "x"}}}).find("not the name"), std::string::npos);
    EXPECT_NE(http({.headers = {{"X", "a\r\nY: b"}}}).find("line ends"), std::string::npos);
    EXPECT_NE(http({.headers = {{"content-length", "3"}}}).find("set by itself"),
              std::string::npos);
    EXPECT_NE(http({.body = std::string(Answers::body_bytes_max + 1, 'x')}).find("the most is"),
              std::string::npos);
}

}  // namespace
}  // namespace faultline::link
