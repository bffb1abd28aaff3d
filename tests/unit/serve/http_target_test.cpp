// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/http_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(HttpTarget, IsTakenApartAndDecoded) {
    const auto request = parse_target("/runs/a%20b/?q=x+y%2B&empty=&flag&&q=last");
    ASSERT_TRUE(request);
    EXPECT_THAT(request->path, ElementsAre("runs", "a b"));
    EXPECT_THAT(request->query,
                ElementsAre(Pair("empty", ""), Pair("flag", ""), Pair("q", "last")));
    EXPECT_THAT(parse_target("/")->path, IsEmpty());
    EXPECT_THAT(parse_target("/?q=a%2Fb")->query, ElementsAre(Pair("q", "a/b")));
}

TEST(HttpTarget, DecodesASlashInsideASegmentAndNoDots) {
    const auto request = parse_target("/runs/..%2f..%2fetc/../x");
    ASSERT_TRUE(request);
    EXPECT_THAT(request->path, ElementsAre("runs", "../../etc", "..", "x"));
}

TEST(HttpTarget, RefusesWhatIsNone) {
    for (const char* target : {"", "*", "http://h/", "/a%", "/a%4", "/a%zz", "/a%00", "/?q=%"})
        EXPECT_FALSE(parse_target(target)) << target;
}

TEST(HttpTarget, EncodesSoThatItReadsBack) {
    const std::string text = "a b/&=+%\xC3\xA4?";
    EXPECT_EQ(parse_target("/?q=" + encode_query(text))->query.at("q"), text);
}

TEST(HttpHost, IsLoopbackOnlyByAddressOrLocalhost) {
    for (const char* host : {"localhost",
                             "localhost:8470",
                             "127.0.0.1",
                             "127.0.0.1:1",
                             "127.9.9.9",
                             "[::1]",
                             "[::1]:8470"})
        EXPECT_TRUE(names_loopback(host)) << host;
    for (const char* host : {"",
                             "evil.example",
                             "evil.example:8470",
                             "127.0.0.1.evil.example",
                             "localhost.evil.example",
                             "10.0.0.1",
                             "[::2]",
                             "0.0.0.0",
                             "::1"})
        EXPECT_FALSE(names_loopback(host)) << host;
}

}  // namespace
}  // namespace faultline::reports
