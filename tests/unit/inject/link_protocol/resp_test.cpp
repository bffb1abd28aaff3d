// SPDX-License-Identifier: Apache-2.0
#include "harness/base/resp.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/inject/link/protocol/reader.hpp"
#include "harness/inject/link/protocol/redis_commands.hpp"
#include "harness/inject/link/protocol/resp_head.hpp"
#include "harness/inject/link/protocol/resp_skip.hpp"

namespace faultline::link {
namespace {

using State = RespHead::State;

TEST(RespSkip, FindsTheEndOfAnyValueCutAnywhere) {
    for (const std::string_view value : {"+OK\r\n",
                                         "-ERR no\r\n",
                                         ":-12\r\n",
                                         ":+3\r\n",
                                         "$5\r\nhello\r\n",
                                         "$0\r\n\r\n",
                                         "$-1\r\n",
                                         "*-1\r\n",
                                         "*0\r\n",
                                         "*2\r\n$1\r\na\r\n*3\r\n:1\r\n*0\r\n$-1\r\n",
                                         "*1\r\n*1\r\n*1\r\n+deep\r\n"}) {
        const std::string text = std::string(value) + "+next\r\n";
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            RespSkip skip;
            skip.begin_value();
            const auto first = skip.take(std::string_view(text).substr(0, cut));
            const auto second = skip.take(std::string_view(text).substr(first.bytes));
            EXPECT_FALSE(first.broken || second.broken) << value;
            EXPECT_TRUE(skip.done()) << value;
            EXPECT_EQ(first.bytes + second.bytes, value.size()) << value << " cut at " << cut;
        }
    }
}

TEST(RespSkip, RefusesWhatIsNoValue) {
    for (const std::string_view text : {"HTTP",
                                        "%1\r\n",
                                        ":\r\n",
                                        ":1a\r\n",
                                        ":--1\r\n",
                                        "$-2\r\n",
                                        "$5\r\nhello!\r",
                                        "*-2\r\n",
                                        "+a\nb",
                                        "$999999999999\r\n",
                                        "*99999999999\r\n",
                                        "$3\n",
                                        ":12345678901234567890\r\n"}) {
        RespSkip skip;
        skip.begin_value();
        EXPECT_TRUE(skip.take(text).broken) << text;
    }
}

TEST(RespSkip, BoundsDepthAndLines) {
    std::string deep;
    for (std::size_t level = 0; level <= resp_depth_max; ++level)
        deep += "*1\r\n";
    RespSkip skip;
    skip.begin_value();
    EXPECT_TRUE(skip.take(deep).broken);
    skip.begin_value();
    EXPECT_TRUE(skip.take("+" + std::string(head_bytes_max, 'a')).broken);
}

TEST(RespSkip, FollowsTheRestOfARequest) {
    RespSkip skip;
    skip.begin_within_bulk(3, 2);
    EXPECT_EQ(skip.take("abc\r\n$1\r\nd\r\n*1").bytes, 12U);
    EXPECT_TRUE(skip.done());
    skip.begin_bulks(0);
    EXPECT_TRUE(skip.done());
    skip.begin_bulks(1);
    EXPECT_TRUE(skip.take("+OK\r\n").broken) << "only bulk strings stand in requests";
}

TEST(RespHead, TellsCommandAndKeyAndWhatFollows) {
    Request request;
    const std::string text = command_text({"SET", "user:1", "value", "EX", "10"});
    const RespHead head = read_resp_head(text, request);
    ASSERT_EQ(head.state, State::complete);
    EXPECT_EQ(request.command, "SET");
    EXPECT_EQ(request.key, "user:1");
    EXPECT_EQ(head.words_left, 3U);
    EXPECT_FALSE(head.within_word);
    EXPECT_TRUE(text.substr(head.bytes).starts_with("$5\r\nvalue"));
    for (std::size_t size = 0; size < head.bytes; ++size) {
        EXPECT_EQ(read_resp_head(text.substr(0, size), request).state, State::incomplete) << size;
    }
}

TEST(RespHead, DoesNotWaitForALongWord) {
    Request request;
    const std::string text = "*3\r\n$4\r\nECHO\r\n$100000000\r\n";
    const RespHead head = read_resp_head(text, request);
    ASSERT_EQ(head.state, State::complete);
    EXPECT_EQ(head.bytes, text.size());
    EXPECT_TRUE(head.within_word);
    EXPECT_EQ(head.word_bytes_left, 100'000'000U);
    EXPECT_EQ(head.words_left, 2U);
    EXPECT_EQ(request.command, "ECHO");
    EXPECT_EQ(request.key, "");
}

TEST(RespHead, ReadsInlineCommands) {
    Request request;
    const RespHead head = read_resp_head("  get\tuser:1 \r\nPING\r\n", request);
    ASSERT_EQ(head.state, State::complete);
    EXPECT_EQ(head.bytes, 15U);
    EXPECT_EQ(request.command, "get");
    EXPECT_EQ(request.key, "user:1");
}

TEST(RespHead, SeesThatNothingIsAsked) {
    for (const std::string_view text : {"\r\n", "*0\r\n", "*-1\r\n", "\n"}) {
        Request request;
        const RespHead head = read_resp_head(text, request);
        EXPECT_EQ(head.state, State::complete) << text;
        EXPECT_EQ(head.bytes, text.size()) << text;
        EXPECT_FALSE(request.answered) << text;
    }
}

TEST(RespHead, RefusesWhatIsNone) {
    for (const std::string_view text : {"*x\r\n",
                                        "*\r\n",
                                        "*1\r\n+PING\r\n",
                                        "*1\r\n$x\r\n",
                                        "*1\r\n$-1\r\n",
                                        "*9999999\r\n",
                                        "*2\r\n$4\r\nPINGxx",
                                        "*1\r\n$999999999999\r\n",
                                        "\x16\x03\x01",
                                        "*1\rx"}) {
        Request request;
        EXPECT_EQ(read_resp_head(text, request).state, State::broken) << text;
    }
}

std::string_view key_of(const std::string& text) {
    static Request request;
    EXPECT_EQ(read_resp_head(text, request).state, State::complete) << text;
    return request.key;
}

TEST(RedisCommands, HaveTheirFirstKeyInDifferentPlaces) {
    EXPECT_EQ(key_of(command_text({"get", "a"})), "a");
    EXPECT_EQ(key_of(command_text({"EVAL", "return 1", "1", "a", "b"})), "a");
    EXPECT_EQ(key_of(command_text({"EVALSHA", "f00", "0", "a"})), "");
    EXPECT_EQ(key_of(command_text({"OBJECT", "ENCODING", "a"})), "a");
    EXPECT_EQ(key_of(command_text({"BITOP", "AND", "a", "b"})), "a");
    EXPECT_EQ(key_of(command_text({"ZUNION", "2", "a", "b"})), "a");
    EXPECT_EQ(key_of(command_text({"BZMPOP", "0", "1", "a", "MIN"})), "a");
    EXPECT_EQ(key_of(command_text({"XREAD", "COUNT", "2", "STREAMS", "a", "b", "0", "0"})), "a");
    EXPECT_EQ(key_of(command_text({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "a", ">"})), "a");
    EXPECT_EQ(key_of(command_text({"XREAD", "COUNT"})), "");
    EXPECT_EQ(key_of(command_text({"PING"})), "");
}

TEST(RedisCommands, LeadAwayFromRequestsAndAnswers) {
    for (const auto& [command, argument] :
         std::vector<std::pair<std::string, std::string>>{{"SUBSCRIBE", "a"},
                                                          {"psubscribe", "*"},
                                                          {"Unsubscribe", ""},
                                                          {"MONITOR", ""},
                                                          {"PSYNC", "?"},
                                                          {"SYNC", ""},
                                                          {"HELLO", "3"},
                                                          {"client", "reply"},
                                                          {"REPLCONF", "ACK"}}) {
        EXPECT_TRUE(leads_away(command, argument)) << command;
    }
    for (const auto& [command, argument] :
         std::vector<std::pair<std::string, std::string>>{{"GET", "a"},
                                                          {"HELLO", "2"},
                                                          {"HELLO", ""},
                                                          {"CLIENT", "SETNAME"},
                                                          {"REPLCONF", "listening-port"},
                                                          {"PUBLISH", "a"}}) {
        EXPECT_FALSE(leads_away(command, argument)) << command;
    }
}

}  // namespace
}  // namespace faultline::link
