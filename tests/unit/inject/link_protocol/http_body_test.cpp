// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/http_body.hpp"

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

using Body = HttpFraming::Body;

constexpr std::string_view chunked =
    "5\r\nhello\r\n1a;name=\"value\"\r\nabcdefghijklmnopqrstuvwxyz\r\n0 \r\nTrailer: x\r\n\r\n";

TEST(HttpBody, EndsAfterItsLength) {
    HttpBody body;
    body.begin({.body = Body::length, .length = 5});
    EXPECT_EQ(body.take("abc").bytes, 3U);
    EXPECT_FALSE(body.done());
    EXPECT_EQ(body.take("deGET").bytes, 2U);
    EXPECT_TRUE(body.done());
}

TEST(HttpBody, WithoutAnyIsDone) {
    HttpBody body;
    body.begin({});
    EXPECT_TRUE(body.done());
    EXPECT_EQ(body.take("GET").bytes, 0U);
}

TEST(HttpBody, UntilCloseTakesEverything) {
    HttpBody body;
    body.begin({.body = Body::until_close});
    EXPECT_EQ(body.take("anything").bytes, 8U);
    EXPECT_FALSE(body.done());
}

TEST(HttpBody, FollowsChunksCutAnywhere) {
    const std::string text = std::string(chunked) + "next";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        HttpBody body;
        body.begin({.body = Body::chunked});
        const auto first = body.take(std::string_view(text).substr(0, cut));
        ASSERT_FALSE(first.broken) << cut;
        const auto second = body.take(std::string_view(text).substr(first.bytes));
        ASSERT_FALSE(second.broken) << cut;
        EXPECT_TRUE(body.done()) << cut;
        EXPECT_EQ(first.bytes + second.bytes, chunked.size()) << cut;
    }
}

TEST(HttpBody, FollowsManyChunks) {
    HttpBody body;
    body.begin({.body = Body::chunked});
    for (int index = 0; index < 100; ++index)
        ASSERT_FALSE(body.take("00a\r\n0123456789\r\n").broken) << index;
    EXPECT_EQ(body.take("0\r\n\r\n").bytes, 5U);
    EXPECT_TRUE(body.done());
}

TEST(HttpBody, RefusesBrokenChunks) {
    for (const std::string_view text : {"x\r\n",
                                        "\r\n",
                                        "5\nhello",
                                        "5\r\nhello!",
                                        "5\r\nhello\n",
                                        "1000000000000000\r\n",
                                        "0\r\n\n",
                                        "5;a\nb",
                                        "-1\r\n"}) {
        HttpBody body;
        body.begin({.body = Body::chunked});
        const auto taken = body.take(text);
        EXPECT_TRUE(taken.broken) << text;
        EXPECT_LT(taken.bytes, text.size()) << text;
    }
}

TEST(HttpBody, BoundsExtensionsAndTrailers) {
    const std::string long_text(std::size_t{100} << 10, 'a');
    for (const std::string& begin : {std::string("5;"), std::string("0\r\nName: ")}) {
        HttpBody body;
        body.begin({.body = Body::chunked});
        EXPECT_TRUE(body.take(begin + long_text).broken) << begin;
    }
}

}  // namespace
}  // namespace faultline::link
