// SPDX-License-Identifier: Apache-2.0
#include "harness/base/resp.hpp"

#include <gtest/gtest.h>

namespace faultline {
namespace {

using State = RespParse::State;
using Type = RespValue::Type;

TEST(Resp, ReadsEachTypeAndLeavesTheRest) {
    EXPECT_EQ(parse_resp("+OK\r\n+OK\r\n").bytes, 5U);
    EXPECT_EQ(parse_resp("-READONLY no\r\n").value.type, Type::error);
    EXPECT_EQ(parse_resp(":-12\r\n").value.integer, -12);
    EXPECT_EQ(parse_resp("$3\r\na\r\n\r\n").value.text, "a\r\n");
    EXPECT_EQ(parse_resp("$0\r\n\r\n").value.text, "");
    EXPECT_EQ(parse_resp("$-1\r\n").value.type, Type::nil);
    EXPECT_EQ(parse_resp("*-1\r\n").value.type, Type::nil);
    const RespParse role = parse_resp("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\nrest");
    ASSERT_EQ(role.value.elements.size(), 3U);
    EXPECT_EQ(role.value.elements[0].text, "master");
    EXPECT_EQ(role.bytes, 24U);
}

TEST(Resp, EveryPrefixOfAValueIsIncomplete) {
    const std::string_view whole = "*2\r\n$5\r\nhello\r\n*1\r\n:7\r\n";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_EQ(parse_resp(whole.substr(0, length)).state, State::incomplete) << length;
    }
    EXPECT_EQ(parse_resp(whole).state, State::complete);
}

TEST(Resp, NonsenseIsBroken) {
    for (const std::string text : {"HTTP/1.1 200 OK\r\n",
                                   "$x\r\n",
                                   "$-2\r\n",
                                   "$1\r\nabc\r\n",
                                   "+a\rb\r\n",
                                   "*99999999999\r\n",
                                   ":\r\n"}) {
        EXPECT_EQ(parse_resp(text).state, State::broken) << text;
    }
    std::string deep;
    for (int i = 0; i < 20; ++i)
        deep += "*1\r\n";
    EXPECT_EQ(parse_resp(deep).state, State::broken);
}

TEST(Resp, CommandsAreArraysOfBulks) {
    std::string out;
    append_command(out, {"SET", "k", ""});
    EXPECT_EQ(out, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace faultline
