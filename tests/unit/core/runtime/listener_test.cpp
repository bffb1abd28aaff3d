// SPDX-License-Identifier: Apache-2.0
#include "targets/core/runtime/listener.hpp"

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;

class Listening : public testing::Test {
  protected:
    Listening() {
        // A port that was free a moment ago: two tests do not run in one process at a time.
        const tcp::acceptor acceptor(loop, {boost::asio::ip::address_v4::loopback(), 0});
        at = {.host = "127.0.0.1", .port = acceptor.local_endpoint().port(), .purpose = "the test"};
    }

    [[nodiscard]] boost::system::error_code connect() {
        boost::system::error_code error;
        tcp::socket socket(loop);
        socket.connect({boost::asio::ip::address_v4::loopback(), at.port}, error);
        return error;
    }

    boost::asio::io_context loop;
    Listener::Address at;
};

TEST_F(Listening, HandsOverEveryConnectionUntilItIsDestroyed) {
    int taken = 0;
    auto listener = listen(loop, at, [&](const tcp::socket&) { ++taken; });
    ASSERT_TRUE(listener) << listener.error().message;
    EXPECT_FALSE(connect());
    EXPECT_FALSE(connect());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (taken < 2 && std::chrono::steady_clock::now() < deadline)
        loop.run_one_for(std::chrono::seconds(1));
    EXPECT_EQ(taken, 2);
    listener->reset();
    EXPECT_TRUE(connect());
    loop.run();  // nothing goes on
    EXPECT_EQ(taken, 2);
}

TEST_F(Listening, MayEndWhenAConnectionIsTaken) {
    std::unique_ptr<Listener> own;
    auto listener = listen(loop, at, [&](const tcp::socket&) { own.reset(); });
    ASSERT_TRUE(listener) << listener.error().message;
    own = std::move(*listener);
    EXPECT_FALSE(connect());
    loop.run();
    EXPECT_EQ(own, nullptr);
}

TEST_F(Listening, SaysWhatForAndWhereItCannot) {
    const auto first = listen(loop, at, [](const tcp::socket&) {});
    ASSERT_TRUE(first) << first.error().message;
    const auto second = listen(loop, at, [](const tcp::socket&) {});
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message,
                HasSubstr("cannot listen for the test on 127.0.0.1:" + std::to_string(at.port)));
    at.host = "nowhere";
    const auto third = listen(loop, at, [](const tcp::socket&) {});
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, faultline::ErrorCode::invalid);
    EXPECT_THAT(third.error().message, HasSubstr("\"nowhere\" is not an IP address"));
}

}  // namespace
}  // namespace ftcore
