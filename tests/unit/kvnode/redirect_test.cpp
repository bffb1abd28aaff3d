// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/redirect.hpp"

#include <gtest/gtest.h>

namespace kvnode {
namespace {

TEST(KeySlot, IsThatOfRedisCluster) {
    EXPECT_EQ(key_slot("123456789"), 0x31C3U);  // the specification's check value
    EXPECT_EQ(key_slot("foo"), 12182U);
    EXPECT_EQ(key_slot("{user1000}.following"), key_slot("{user1000}.followers"));
    EXPECT_NE(key_slot("foo{}{bar}"), key_slot("bar"));  // an empty tag counts for nothing
}

TEST(Refusal, NamesThePrimaryInTheWordsThatClientsKnow) {
    const ftcore::NodeAddress primary{.id = 2, .host = "127.0.0.1", .client_port = 7002};
    using enum ftcore::ErrorCode;
    EXPECT_EQ(refusal(not_primary, &primary, Redirect::moved, "foo"),
              "-MOVED 12182 127.0.0.1:7002\r\n");
    EXPECT_TRUE(
        refusal(not_primary, &primary, Redirect::readonly, "foo").starts_with("-READONLY "));
    EXPECT_TRUE(refusal(not_primary, nullptr, Redirect::moved, "foo").starts_with("-READONLY "));
    EXPECT_TRUE(
        refusal(no_primary, nullptr, Redirect::readonly, "foo").starts_with("-MASTERDOWN "));
    EXPECT_TRUE(
        refusal(outcome_unknown, nullptr, Redirect::readonly, "foo").starts_with("-UNKNOWN "));
    EXPECT_TRUE(refusal(overloaded, nullptr, Redirect::readonly, "foo").starts_with("-TRYAGAIN "));
}

TEST(Refusal, SendsClientsWhereTheyReachThePrimaryNotWhereItsPeersDo) {
    const ftcore::NodeAddress primary{
        .id = 2, .host = "10.0.0.2", .client_host = "192.168.0.2", .client_port = 7002};
    using enum ftcore::ErrorCode;
    EXPECT_EQ(refusal(not_primary, &primary, Redirect::moved, "foo"),
              "-MOVED 12182 192.168.0.2:7002\r\n");
    EXPECT_TRUE(refusal(not_primary, &primary, Redirect::readonly, "foo")
                    .ends_with("the primary is 192.168.0.2:7002\r\n"));
}

}  // namespace
}  // namespace kvnode
