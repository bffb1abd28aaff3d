// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/inject/toxiproxy/api.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

namespace faultline::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, AreThereOnlyWhenAskedFor) {
    Api api;
    EXPECT_EQ(api.get("/metrics").status, 404);
    api.options.runtime_metrics = true;
    const auto runtime = api.get("/metrics");
    EXPECT_EQ(runtime.status, 200);
    EXPECT_THAT(runtime.body, HasSubstr("process_open_fds "));
    EXPECT_THAT(runtime.body, Not(HasSubstr("toxiproxy_proxy")));
    EXPECT_THAT(runtime.body, EndsWith("# EOF\n"));
}

TEST(Metrics, CountEachDirectionOfEachProxyAsBytesPass) {
    const TestServer server(echo);
    Api api;
    api.options.proxy_metrics = true;
    const std::string listen = api.proxy("p", server.address());
    api.toxic({{"type", "noop"}, {"name", "nothing"}});
    Peer client = Peer::connect(listen);
    client.send("hello");
    EXPECT_EQ(client.receive(5), "hello");
    // The connection is still open.
    for (const char* direction : {"upstream", "downstream"}) {
        for (const char* what : {"received", "sent"}) {
            const std::string line = std::string("toxiproxy_proxy_") + what +
                                     "_bytes_total{direction=\"" + direction + "\",listener=\"" +
                                     listen + "\",proxy=\"p\",upstream=\"" + server.address() +
                                     "\"} 5\n";
            EXPECT_TRUE(eventually([&] {
                return api.get("/metrics").body.find(line) != std::string::npos;
            })) << line
                << api.get("/metrics").body;
        }
    }
    const std::string text = api.get("/metrics").body;
    EXPECT_THAT(text, HasSubstr("# TYPE toxiproxy_proxy_sent_bytes counter\n"));
    EXPECT_THAT(text, HasSubstr("faultline_proxy_connections_open{listener=\"" + listen));
    EXPECT_THAT(text,
                HasSubstr("faultline_toxic_connections_total{proxy=\"p\",toxic=\"nothing\","
                          "type=\"noop\"} 1\n"));
}

TEST(Metrics, AreSpelledAsAsked) {
    Api api;
    api.options.proxy_metrics = true;
    api.proxy("with \"quotes\"", "127.0.0.1:1");
    link::ApiRequest request{.method = "GET", .target = "/metrics"};
    const auto fresh = link::respond(request, api.set(), {}, api.options);
    EXPECT_THAT(fresh.content_type, HasSubstr("application/openmetrics-text"));
    EXPECT_THAT(fresh.body, HasSubstr("proxy=\"with \\\"quotes\\\"\""));
    request.accept = "text/plain";
    const auto older = link::respond(request, api.set(), {}, api.options);
    EXPECT_THAT(older.content_type, HasSubstr("text/plain; version=0.0.4"));
    EXPECT_THAT(older.body, HasSubstr("# TYPE toxiproxy_proxy_sent_bytes_total counter\n"));
    EXPECT_THAT(older.body, Not(HasSubstr("# EOF")));
}

}  // namespace
}  // namespace faultline::testing
