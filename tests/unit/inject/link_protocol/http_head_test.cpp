// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/http_head.hpp"

#include <gtest/gtest.h>

namespace faultline::link {
namespace {

using Body = HttpFraming::Body;

struct ReadRequest {
    bool good = false;
    Request request{};
    HttpFraming framing{};
};

ReadRequest request_of(std::string_view head) {
    ReadRequest read;
    read.good = read_http_request(head, read.request, read.framing);
    return read;
}

TEST(HttpRequestHead, TellsMethodTargetFieldsAndLength) {
    const auto read = request_of(
        "PUT /a/b?c=d HTTP/1.1\r\nHost: here\r\nX-Trace: \t one two \t\r\nContent-Length: "
        "12\r\n\r\n");
    ASSERT_TRUE(read.good);
    EXPECT_EQ(read.request.method, "PUT");
    EXPECT_EQ(read.request.target, "/a/b?c=d");
    ASSERT_EQ(read.request.fields.size(), 3U);
    EXPECT_EQ(read.request.fields[1].name, "X-Trace");
    EXPECT_EQ(read.request.fields[1].value, "one two");
    EXPECT_EQ(read.framing.body, Body::length);
    EXPECT_EQ(read.framing.length, 12U);
    EXPECT_FALSE(read.request.ends);
}

TEST(HttpRequestHead, TakesLoneLineFeedsAndLeadingEmptyLines) {
    const auto read = request_of("\r\n\nGET / HTTP/1.0\nHost: here\n\n");
    ASSERT_TRUE(read.good);
    EXPECT_EQ(read.request.method, "GET");
    EXPECT_TRUE(read.request.ends) << "HTTP/1.0 closes";
}

TEST(HttpRequestHead, KnowsWhenTheConnectionEnds) {
    const auto ends = [](std::string_view head) { return request_of(head).request.ends; };
    EXPECT_FALSE(ends("GET / HTTP/1.1\r\n\r\n"));
    EXPECT_TRUE(ends("GET / HTTP/1.1\r\nconnection: Keep-Alive, Close\r\n\r\n"));
    EXPECT_FALSE(ends("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(HttpRequestHead, KnowsExpectationsTunnelsAndHead) {
    EXPECT_TRUE(request_of("PUT / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n")
                    .request.asks_first);
    EXPECT_FALSE(request_of("GET / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n").request.asks_first);
    EXPECT_TRUE(request_of("CONNECT a:443 HTTP/1.1\r\n\r\n").request.leads_away);
    EXPECT_TRUE(request_of("HEAD / HTTP/1.1\r\n\r\n").request.head_only);
}

TEST(HttpRequestHead, SeesChunks) {
    const auto read = request_of("POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
    ASSERT_TRUE(read.good);
    EXPECT_EQ(read.framing.body, Body::chunked);
}

TEST(HttpRequestHead, RefusesWhatTwoReadersCouldCutDifferently) {
    for (const std::string_view head : {
             "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length: 0x3\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length:\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
             "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
             "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
             "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
         }) {
        EXPECT_FALSE(request_of(head).good) << head;
    }
    EXPECT_TRUE(request_of("POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\n").good);
}

TEST(HttpRequestHead, RefusesWhatIsNone) {
    for (const std::string_view head : {
             "GET /\r\n\r\n",
             "GET / HTTP/2.0\r\n\r\n",
             "PRI * HTTP/2.0\r\n\r\n",
             "GET  / HTTP/1.1\r\n\r\n",
             "GET /a b HTTP/1.1\r\n\r\n",
             "G(T / HTTP/1.1\r\n\r\n",
             "GET / HTTP/1.1\r\nno colon\r\n\r\n",
             "GET / HTTP/1.1\r\nName : value\r\n\r\n",
             "GET / HTTP/1.1\r\nName: value\r\n folded\r\n\r\n",
             "OPTIONS rtsp://a RTSP/1.0\r\n\r\n",
         }) {
        EXPECT_FALSE(request_of(head).good) << head;
    }
}

TEST(HttpRequestHead, SeesEarlyThatBytesCannotBecomeARequest) {
    const std::string_view head = "GET /a?b HTTP/1.1\r\nHost: here\r\n\r\n";
    for (std::size_t size = 0; size <= head.size(); ++size)
        EXPECT_TRUE(may_become_http_request(head.substr(0, size))) << size;
    for (const std::string_view bytes : {"\x16\x03\x01",
                                         "GET\t/",
                                         "GET  /",
                                         "GET / HTTPS",
                                         "{\"a\"",
                                         "GET / HTTP/2.0",
                                         "HELO there\r\n",
                                         "GET /\x01"}) {
        EXPECT_FALSE(may_become_http_request(bytes)) << bytes;
    }
}

TEST(HttpHeadEnd, IsFoundWhereverTheSearchBreaksOff) {
    const std::string_view text = "\r\nGET / HTTP/1.1\r\nHost: here\r\n\r\nbody\r\n\r\n";
    const auto whole = find_http_head_end(text, 0);
    ASSERT_TRUE(whole);
    EXPECT_EQ(text.substr(*whole), "body\r\n\r\n");
    for (std::size_t size = 0; size < *whole; ++size) {
        EXPECT_FALSE(find_http_head_end(text.substr(0, size), 0)) << size;
        EXPECT_EQ(find_http_head_end(text, size), whole) << size;
    }
}

TEST(HttpResponseHead, TellsHowTheBodyEnds) {
    const auto framing = [](std::string_view head, bool head_only = false) {
        const auto read = read_http_response(head, head_only);
        return read ? std::optional(read->framing.body) : std::nullopt;
    };
    EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), Body::length);
    EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), Body::none);
    EXPECT_EQ(framing("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n"), Body::chunked);
    EXPECT_EQ(framing("HTTP/1.1 200 \r\nTransfer-Encoding: gzip\r\n\r\n"), Body::until_close);
    EXPECT_EQ(framing("HTTP/1.0 200 OK\r\n\r\n"), Body::until_close);
    EXPECT_EQ(framing("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"), Body::none);
    EXPECT_EQ(framing("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), Body::none);
    EXPECT_EQ(framing("HTTP/1.1 103 Early Hints\r\n\r\n"), Body::none);
    EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true), Body::none);
    EXPECT_EQ(framing("HTTP/1.1 20 OK\r\n\r\n"), std::nullopt);
    EXPECT_EQ(framing("HTTP/1.1 2000 OK\r\n\r\n"), std::nullopt);
    EXPECT_EQ(framing("ICY 200 OK\r\n\r\n"), std::nullopt);
    EXPECT_EQ(framing("HTTP/1.1 200 OK\r\nContent-Length: a\r\n\r\n"), std::nullopt);
}

TEST(HttpTarget, HasAPathWithAndWithoutItsQuery) {
    EXPECT_EQ(http_path("/a/b?c"), "/a/b");
    EXPECT_EQ(http_path_and_query("/a/b?c"), "/a/b?c");
    EXPECT_EQ(http_path("http://here:80/a?b"), "/a");
    EXPECT_EQ(http_path("http://here"), "/");
    EXPECT_EQ(http_path("*"), "*");
}

}  // namespace
}  // namespace faultline::link
