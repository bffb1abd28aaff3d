// SPDX-License-Identifier: Apache-2.0
#include "harness/base/resp_reply.hpp"

#include <gtest/gtest.h>

#include "harness/base/resp.hpp"

namespace faultline {
namespace {

TEST(RespReply, IsReadBackAsItIsSpelled) {
    using Type = RespValue::Type;
    EXPECT_EQ(parse_resp(resp_reply::simple("OK")).value.text, "OK");
    EXPECT_EQ(parse_resp(resp_reply::error("ERR no")).value.type, Type::error);
    EXPECT_EQ(parse_resp(resp_reply::integer(-7)).value.integer, -7);
    EXPECT_EQ(parse_resp(resp_reply::bulk("a\r\nb")).value.text, "a\r\nb");
    EXPECT_EQ(parse_resp(resp_reply::bulk("")).value.type, Type::bulk);
    EXPECT_EQ(parse_resp(resp_reply::nil()).value.type, Type::nil);
    const std::string pair =
        resp_reply::array(2) + resp_reply::integer(1) + resp_reply::bulk("one");
    const RespParse parse = parse_resp(pair);
    ASSERT_EQ(parse.value.elements.size(), 2U);
    EXPECT_EQ(parse.value.elements[1].text, "one");
    EXPECT_EQ(parse.bytes, pair.size());
}

TEST(RespReply, KeepsAnErrorOnOneLine) {
    EXPECT_EQ(resp_reply::error("ERR a\r\nb"), "-ERR a  b\r\n");
}

}  // namespace
}  // namespace faultline
