// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/resp.hpp"

namespace kvnode {
namespace {

using State = RequestParse::State;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Request, IsReadWhereverItIsCut) {
    std::string bytes;
    faultline::append_command(bytes, {"SET", "key", std::string_view("a\r\n\0b", 5)});
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_EQ(parse_request(std::string_view(bytes).substr(0, length), {}).state,
                  State::incomplete);
    const std::size_t size = bytes.size();
    bytes += "*1\r\n";
    const RequestParse parse = parse_request(bytes, {});
    ASSERT_EQ(parse.state, State::complete);
    EXPECT_EQ(parse.bytes, size);
    EXPECT_THAT(parse.words, ElementsAre("SET", "key", std::string_view("a\r\n\0b", 5)));
}

TEST(Request, OnALineIsSplitAtBlanks) {
    const RequestParse parse = parse_request("  PING\thello \r\nrest", {});
    ASSERT_EQ(parse.state, State::complete);
    EXPECT_EQ(parse.bytes, 15U);
    EXPECT_THAT(parse.words, ElementsAre("PING", "hello"));
    EXPECT_EQ(parse_request("PING", {}).state, State::incomplete);
}

TEST(Request, ThatAsksForNothingIsPassedOver) {
    for (const std::string_view text : {"\r\n", "*0\r\n", "*-1\r\n"}) {
        const RequestParse parse = parse_request(text, {});
        ASSERT_EQ(parse.state, State::complete) << text;
        EXPECT_EQ(parse.bytes, text.size());
        EXPECT_THAT(parse.words, IsEmpty());
    }
}

TEST(Request, ThatIsNonsenseIsBrokenWithItsReason) {
    const auto reason = [](std::string_view text) {
        const RequestParse parse = parse_request(text, {});
        EXPECT_EQ(parse.state, State::broken) << text;
        return parse.reason;
    };
    EXPECT_THAT(reason("*x\r\n"), HasSubstr("multibulk length"));
    EXPECT_THAT(reason("*1\r\n:5\r\n"), HasSubstr("expected '$'"));
    EXPECT_THAT(reason("*1\r\n$-5\r\n"), HasSubstr("bulk length"));
    EXPECT_THAT(reason("*1\r\n$1\r\nabc"), HasSubstr("line end"));
    EXPECT_THAT(reason("*99999999\r\n"), HasSubstr("limit is 65536"));
    EXPECT_THAT(reason("*111111111111111111111111111111"), HasSubstr("multibulk length"));
}

TEST(Request, OverALimitIsRefusedBeforeItHasArrived) {
    const RequestLimits limits{
        .words = 3, .word_bytes = 10, .request_bytes = 30, .inline_bytes = 8};
    EXPECT_THAT(parse_request("*2\r\n$3\r\nGET\r\n$11\r\n", limits).reason,
                HasSubstr("limit is 10"));
    EXPECT_THAT(parse_request("*4\r\n", limits).reason, HasSubstr("limit is 3"));
    EXPECT_THAT(parse_request("*3\r\n$10\r\n0123456789\r\n$10\r\n", limits).reason,
                HasSubstr("more than 30"));
    EXPECT_THAT(parse_request("PING PING", limits).reason, HasSubstr("too big inline"));
}

}  // namespace
}  // namespace kvnode
