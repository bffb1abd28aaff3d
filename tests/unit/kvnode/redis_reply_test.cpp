// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/client/redis_reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kvnode::client {
namespace {

using ::testing::HasSubstr;

TEST(RedisAddress, IsReadBackAsItIsSpelled) {
    for (const std::string text : {"127.0.0.1:7001", "host:1", "[::1]:65535"}) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(spell(*address), text);
    }
    for (const std::string text :
         {"", "host", ":7001", "host:", "host:0", "host:65536", "host:7x"}) {
        ASSERT_FALSE(parse_address(text)) << text;
        EXPECT_THAT(parse_address(text).error().message, HasSubstr("127.0.0.1:7001"));
    }
}

TEST(RedisError, SaysWhetherToTryAgain) {
    EXPECT_EQ(error_of("ERR unknown command").retry, Retry::never);
    EXPECT_EQ(error_of("READONLY You can't write").retry, Retry::elsewhere);
    EXPECT_EQ(error_of("READONLY You can't write").code, ErrorCode::not_primary);
    EXPECT_EQ(error_of("LOADING").retry, Retry::later);
    EXPECT_EQ(error_of("OUTCOME_UNKNOWN the primary was lost").retry, Retry::if_idempotent);
    EXPECT_EQ(error_of("WHATEVER this is").retry, Retry::if_idempotent);
    EXPECT_EQ(error_of("ERR no").message, "ERR no");
}

TEST(RedisError, PointsToAnotherNode) {
    EXPECT_EQ(redirect_of("MOVED 3999 127.0.0.1:6381"), (RedisAddress{"127.0.0.1", 6381}));
    EXPECT_EQ(redirect_of("MOVED 3999"), std::nullopt);
    EXPECT_EQ(redirect_of("ERR 127.0.0.1:6381"), std::nullopt);
}

TEST(RedisCommand, IsKnownToOnlyRead) {
    EXPECT_TRUE(reads_only("get"));
    EXPECT_TRUE(reads_only("FT.STATUS"));
    EXPECT_FALSE(reads_only("SET"));
    EXPECT_FALSE(reads_only("INCR"));
    EXPECT_FALSE(reads_only("GETX"));
}

}  // namespace
}  // namespace kvnode::client
