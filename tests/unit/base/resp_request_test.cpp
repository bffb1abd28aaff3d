// SPDX-License-Identifier: Apache-2.0
#include "harness/base/resp_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"

namespace faultline {
namespace {

using RequestState = RespRequest::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RespRequest, IsReadWhereverItIsCut) {
    std::string bytes;
    append_command(bytes, {"SET", "key", std::string_view("a\r\n\0b", 5)});
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_EQ(parse_resp_request(std::string_view(bytes).substr(0, length), {}).state,
                  RequestState::incomplete);
    const std::size_t size = bytes.size();
    bytes += "*1\r\n";
    const RespRequest parse = parse_resp_request(bytes, {});
    ASSERT_EQ(parse.state, RequestState::complete);
    EXPECT_EQ(parse.bytes, size);
    EXPECT_THAT(parse.words, ElementsAre("SET", "key", std::string_view("a\r\n\0b", 5)));
}

TEST(RespRequest, OnALineIsSplitAtBlanks) {
    const RespRequest parse = parse_resp_request("  PING\thello \r\nrest", {});
    ASSERT_EQ(parse.state, RequestState::complete);
    EXPECT_EQ(parse.bytes, 15U);
    EXPECT_THAT(parse.words, ElementsAre("PING", "hello"));
    EXPECT_EQ(parse_resp_request("PING", {}).state, RequestState::incomplete);
}

TEST(RespRequest, ThatAsksForNothingIsPassedOver) {
    for (const std::string_view text : {"\r\n", "*0\r\n", "*-1\r\n"}) {
        const RespRequest parse = parse_resp_request(text, {});
        ASSERT_EQ(parse.state, RequestState::complete) << text;
        EXPECT_EQ(parse.bytes, text.size());
        EXPECT_THAT(parse.words, IsEmpty());
    }
}

TEST(RespRequest, ThatIsNonsenseIsBrokenWithItsReason) {
    const auto reason = [](std::string_view text) {
        const RespRequest parse = parse_resp_request(text, {});
        EXPECT_EQ(parse.state, RequestState::broken) << text;
        return parse.error;
    };
    EXPECT_EQ(reason("*x\r\n"), "ERR Protocol error: invalid multibulk length");
    EXPECT_THAT(reason("*1\r\n\xff"), HasSubstr("got '?'"));
    EXPECT_THAT(reason("*1\r\n:5\r\n"), HasSubstr("expected '$', got ':'"));
    EXPECT_THAT(reason("*1\r\n$-5\r\n"), HasSubstr("bulk length"));
    EXPECT_THAT(reason("*1\r\n$1\r\nabc"), HasSubstr("line end"));
    EXPECT_THAT(reason("*99999999\r\n"), HasSubstr("limit is 65536"));
    EXPECT_THAT(reason("*111111111111111111111111111111"), HasSubstr("multibulk length"));
}

TEST(RespRequest, OverALimitIsRefusedBeforeItHasArrived) {
    const RespRequestLimits limits{
        .words = 3, .word_bytes = 10, .request_bytes = 30, .inline_bytes = 8};
    EXPECT_THAT(parse_resp_request("*2\r\n$3\r\nGET\r\n$11\r\n", limits).error,
                HasSubstr("limit is 10"));
    EXPECT_THAT(parse_resp_request("*4\r\n", limits).error, HasSubstr("limit is 3"));
    EXPECT_THAT(parse_resp_request("*3\r\n$10\r\n0123456789\r\n$10\r\n", limits).error,
                HasSubstr("more than 30"));
    EXPECT_THAT(parse_resp_request("PING PING", limits).error, HasSubstr("too big inline"));
}

}  // namespace
}  // namespace faultline
