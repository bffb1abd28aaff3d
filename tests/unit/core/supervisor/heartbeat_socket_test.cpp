// SPDX-License-Identifier: Apache-2.0
#include "targets/supervisor/heartbeat_socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/core/supervise/heartbeat.hpp"

namespace ftsupervisor {
namespace {

using ::testing::StartsWith;

TEST(HeartbeatSocket, HearsBeats) {
    auto socket = HeartbeatSocket::open("worker");
    ASSERT_TRUE(socket) << socket.error().message;
    EXPECT_THAT(socket->name(), StartsWith("@ftsupervisor-"));
    EXPECT_FALSE(socket->drain(0));
    ftcore::embed::HeartbeatSink sink(socket->name().c_str(), "1000000");
    EXPECT_TRUE(sink.beat(1'000'000'000));
    EXPECT_TRUE(sink.beat(2'000'000'000));
    EXPECT_TRUE(socket->drain(0));
    EXPECT_FALSE(socket->drain(0)) << "all were read";
}

TEST(HeartbeatSocket, KeepsChildrenApart) {
    auto one = HeartbeatSocket::open("worker");
    auto other = HeartbeatSocket::open("worker");
    ASSERT_TRUE(one && other);
    EXPECT_NE(one->name(), other->name());
    ftcore::embed::HeartbeatSink sink(one->name().c_str(), nullptr);
    EXPECT_TRUE(sink.beat(1'000'000'000));
    EXPECT_FALSE(other->drain(0));
}

TEST(HeartbeatSocket, FitsChildrenWithLongNames) {
    EXPECT_TRUE(HeartbeatSocket::open(std::string(500, 'x')));
}

}  // namespace
}  // namespace ftsupervisor
