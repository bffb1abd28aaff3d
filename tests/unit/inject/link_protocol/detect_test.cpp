// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/detect.hpp"

#include <string>

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

TEST(DetectProtocol, KnowsBothByTheirFirstBytes) {
    const std::string http = "PATCH /a HTTP/1.1\r\n";
    const std::string redis = "*12\r\n$";
    for (std::size_t size = 0; size < http.size(); ++size)
        EXPECT_EQ(detect_protocol(http.substr(0, size)), Detected::undecided) << size;
    for (std::size_t size = 0; size < redis.size(); ++size)
        EXPECT_EQ(detect_protocol(redis.substr(0, size)), Detected::undecided) << size;
    EXPECT_EQ(detect_protocol(http), Detected::http);
    EXPECT_EQ(detect_protocol(redis), Detected::redis);
}

TEST(DetectProtocol, KnowsTheRestAsSoonAsItCan) {
    for (const std::string_view bytes : {"\x16\x03\x01",
                                         "SSH-",
                                         "HELO",
                                         "get foo\r\n",
                                         "PING\r\n",
                                         "GET /\r\n",
                                         "*\r\n",
                                         "*a",
                                         "*1\r\n+",
                                         "*12345678",
                                         "PRI * HTTP/2",
                                         "GETTING",
                                         "GE / HTTP/1.1\r\n",
                                         "\r\n",
                                         "{",
                                         "AMQP"}) {
        EXPECT_EQ(detect_protocol(bytes), Detected::neither) << bytes;
    }
    EXPECT_EQ(detect_protocol(std::string_view("\0", 1)), Detected::neither);
    EXPECT_EQ(detect_protocol("GET " + std::string(100'000, 'a')), Detected::neither);
}

TEST(DetectProtocol, TakesMidwayOnlyWhatIsSure) {
    EXPECT_EQ(detect_midway("GET / HTTP/1.1\r\nHo", RequestProtocol::automatic), Detected::http);
    EXPECT_EQ(detect_midway("GET / HT", RequestProtocol::automatic), Detected::neither);
    EXPECT_EQ(detect_midway("OWN / HTTP/1.1\r\n", RequestProtocol::automatic), Detected::neither);
    EXPECT_EQ(detect_midway("OWN / HTTP/1.1\r\n", RequestProtocol::http), Detected::http);
    EXPECT_EQ(detect_midway("GET / HTTP/1.1\r\n", RequestProtocol::redis), Detected::neither);
    EXPECT_EQ(detect_midway("*1\r\n$4\r\nPING\r\n", RequestProtocol::redis), Detected::redis);
    EXPECT_EQ(detect_midway("*1\r\n$4\r\nPING\r\n", RequestProtocol::http), Detected::neither);
    EXPECT_EQ(detect_midway("PING\r\n", RequestProtocol::redis), Detected::neither);
}

}  // namespace
}  // namespace faultline::link
