// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/address.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::link {
namespace {

std::string first(const std::string& text, AddressUse use = AddressUse::listen) {
    const auto found = resolve_address(text, use);
    return found ? found->front().text() : found.error().message;
}

TEST(Address, ReadsWhatItWrites) {
    for (const char* text : {"127.0.0.1:80", "[::1]:8080", "0.0.0.0:0", "unix:/run/a.sock"})
        EXPECT_EQ(first(text), text);
}

TEST(Address, TakesLoopbackForAMissingHost) {
    EXPECT_EQ(first(":80"), "127.0.0.1:80");
}

TEST(Address, PrefersIpv4ForNames) {
    EXPECT_EQ(first("localhost:80"), "127.0.0.1:80");
}

TEST(Address, SaysWhatIsWrong) {
    using ::testing::HasSubstr;
    EXPECT_THAT(first("localhost"), HasSubstr("the port is missing"));
    EXPECT_THAT(first("[::1]"), HasSubstr("the port is missing"));
    EXPECT_THAT(first("::1:80"), HasSubstr("in brackets"));
    EXPECT_THAT(first("127.0.0.1:65616"), HasSubstr("from 0 to 65535"));
    EXPECT_THAT(first("127.0.0.1:http"), HasSubstr("from 0 to 65535"));
    EXPECT_THAT(first("127.0.0.1:"), HasSubstr("from 0 to 65535"));
    EXPECT_THAT(first("127.0.0.1:0", AddressUse::connect), HasSubstr("from 1 to 65535"));
    EXPECT_THAT(first("unix:"), HasSubstr("the path is missing"));
    EXPECT_THAT(first("unix:/" + std::string(200, 'x')), HasSubstr("at most 107 bytes"));
    EXPECT_THAT(first("no such host:80"), HasSubstr("does not resolve"));
    EXPECT_EQ(resolve_address("localhost", AddressUse::listen).error().code, ErrorCode::invalid);
}

TEST(Address, KnowsLoopback) {
    const auto loopback = [](const std::string& text) {
        return resolve_address(text, AddressUse::listen)->front().is_loopback();
    };
    EXPECT_TRUE(loopback("127.0.0.1:0"));
    EXPECT_TRUE(loopback("127.9.8.7:0"));
    EXPECT_TRUE(loopback("[::1]:0"));
    EXPECT_FALSE(loopback("0.0.0.0:0"));
    EXPECT_FALSE(loopback("[::]:0"));
    EXPECT_FALSE(loopback("10.0.0.1:0"));
    EXPECT_FALSE(loopback("unix:/a"));
}

TEST(Address, DescribesItselfForMessages) {
    EXPECT_EQ(resolve_address("127.0.0.1:80", AddressUse::listen)->front().described(),
              "tcp 127.0.0.1:80");
    EXPECT_EQ(resolve_address("unix:/a", AddressUse::listen)->front().described(), "unix /a");
}

}  // namespace
}  // namespace faultline::link
