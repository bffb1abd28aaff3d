// SPDX-License-Identifier: Apache-2.0
#include "harness/observe/probes/resp.hpp"

#include <gtest/gtest.h>

namespace faultline {
namespace {

TEST(Resp, EncodesACommandAsAnArrayOfBulkStrings) {
    EXPECT_EQ(encode_resp({"SENTINEL", "MASTER", "m"}),
              "*3\r\n$8\r\nSENTINEL\r\n$6\r\nMASTER\r\n$1\r\nm\r\n");
}

TEST(Resp, ReadsEveryKindOfReply) {
    EXPECT_EQ(parse_resp("+PONG\r\n")->value.text, "PONG");
    EXPECT_EQ(parse_resp("-ERR no\r\n")->value.type, RespValue::Type::error);
    EXPECT_EQ(parse_resp(":42\r\n")->value.text, "42");
    EXPECT_EQ(parse_resp("$4\r\na\r\nb\r\n")->value.text, "a\r\nb");
    EXPECT_EQ(parse_resp("$-1\r\n")->value.type, RespValue::Type::null);
    const auto array = parse_resp("*3\r\n$6\r\nmaster\r\n:7\r\n*0\r\n");
    ASSERT_EQ(array->value.elements.size(), 3U);
    EXPECT_EQ(array->value.elements[0].text, "master");
    EXPECT_EQ(array->bytes, std::string("*3\r\n$6\r\nmaster\r\n:7\r\n*0\r\n").size());
}

TEST(Resp, WaitsForTheRestOfAReplyCutAnywhere) {
    const std::string whole = "*2\r\n$6\r\nmaster\r\n*1\r\n:7\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto parsed = parse_resp(std::string_view(whole).substr(0, size));
        ASSERT_TRUE(parsed) << size;
        EXPECT_EQ(parsed->bytes, 0U) << size;
    }
    EXPECT_EQ(parse_resp(whole + "+more\r\n")->bytes, whole.size());
}

TEST(Resp, RefusesWhatIsNotTheProtocol) {
    std::string deep;
    for (int level = 0; level < 100; ++level)
        deep += "*1\r\n";
    for (const std::string& stream : {std::string("HTTP/1.1 400 Bad Request\r\n"),
                                      std::string("$x\r\n"),
                                      std::string("$-2\r\n"),
                                      std::string("$99999999999\r\n"),
                                      std::string("*99999999\r\n"),
                                      std::string("$1\r\nabc"),
                                      std::string("\r\n"),
                                      std::string(100'000, '+'),
                                      deep}) {
        EXPECT_FALSE(parse_resp(stream)) << stream.substr(0, 30);
    }
}

}  // namespace
}  // namespace faultline
