// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/http_reply.hpp"

#include <string>

#include <gtest/gtest.h>

namespace faultline {
namespace {

using State = HttpParse::State;

TEST(HttpReply, ReadsABodyByItsLengthAndLeavesTheRest) {
    const std::string text = "HTTP/1.1 200 OK\r\ncontent-LENGTH: 5 \r\n\r\nhelloHTTP/1.1";
    const HttpParse parsed = parse_http(text, false, false);
    EXPECT_EQ(parsed.state, State::complete);
    EXPECT_EQ(parsed.bytes, text.size() - 8);
    EXPECT_EQ(parsed.status, 200);
    EXPECT_TRUE(parsed.keep_alive);
}

TEST(HttpReply, EveryPrefixIsIncomplete) {
    const std::string chunked =
        "HTTP/1.1 503 Busy\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n"
        "5;name=x\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n";
    for (std::size_t length = 0; length < chunked.size(); ++length) {
        EXPECT_EQ(parse_http(chunked.substr(0, length), false, false).state, State::incomplete)
            << length;
    }
    const HttpParse parsed = parse_http(chunked, false, false);
    EXPECT_EQ(parsed.state, State::complete);
    EXPECT_EQ(parsed.bytes, chunked.size());
    EXPECT_EQ(parsed.status, 503);
    EXPECT_FALSE(parsed.keep_alive);
}

TEST(HttpReply, SomeRepliesHaveNoBodyWhateverTheFieldsSay) {
    EXPECT_EQ(parse_http("HTTP/1.1 204 No\r\n\r\n", false, false).state, State::complete);
    EXPECT_EQ(parse_http("HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", false, false).state,
              State::complete);
    EXPECT_EQ(parse_http("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, false).state,
              State::complete);
}

TEST(HttpReply, WithoutALengthTheBodyEndsWithTheConnection) {
    const std::string text = "HTTP/1.1 200 OK\r\n\r\npart";
    EXPECT_EQ(parse_http(text, false, false).state, State::incomplete);
    const HttpParse parsed = parse_http(text, false, true);
    EXPECT_EQ(parsed.state, State::complete);
    EXPECT_EQ(parsed.bytes, text.size());
    EXPECT_FALSE(parsed.keep_alive);
}

TEST(HttpReply, VersionAndConnectionDecideAboutReuse) {
    const std::string length = "Content-Length: 0\r\n\r\n";
    EXPECT_FALSE(parse_http("HTTP/1.0 200 OK\r\n" + length, false, false).keep_alive);
    EXPECT_TRUE(parse_http("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + length, false, false)
                    .keep_alive);
    EXPECT_FALSE(parse_http("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n" + length, false, false)
                     .keep_alive);
}

TEST(HttpReply, SkipsInterimResponses) {
    const HttpParse parsed =
        parse_http("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n",
                   false,
                   false);
    EXPECT_EQ(parsed.status, 201);
}

TEST(HttpReply, NonsenseIsBroken) {
    for (const std::string text :
         {"+OK\r\n\r\n\r\n",
          "HTTP/1.1 xx OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        EXPECT_EQ(parse_http(text, false, false).state, State::broken) << text;
    }
    EXPECT_EQ(parse_http(std::string(100'000, 'x'), false, false).state, State::broken);
}

}  // namespace
}  // namespace faultline
