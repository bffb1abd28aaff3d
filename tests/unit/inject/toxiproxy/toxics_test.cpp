// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/time.hpp"
#include "tests/unit/inject/toxiproxy/api.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

// Every type of toxic does on a real connection what its name says. Times have lower bounds only.

namespace faultline::testing {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

class Toxics : public ::testing::Test {
  protected:
    TestServer server{echo};
    Api api{};
    std::string listen = api.proxy("p", server.address());

    Peer connect() { return Peer::connect(listen); }
    /// How long an echo of `bytes` takes.
    static Duration echo_time(Peer& client, const std::string& bytes) {
        const Instant start = now();
        EXPECT_TRUE(client.send(bytes));
        EXPECT_EQ(client.receive(bytes.size()).size(), bytes.size());
        return now() - start;
    }
    void add(const Json& toxic) {
        const auto response = api.post("/proxies/p/toxics", toxic);
        ASSERT_EQ(response.status, 200) << response.body;
    }
};

TEST_F(Toxics, LatencyDelaysOneDirection) {
    add({{"type", "latency"}, {"attributes", {{"latency", 100}}}});
    Peer client = connect();
    EXPECT_GE(echo_time(client, "x"), milliseconds(100));
    add({{"type", "latency"}, {"stream", "upstream"}, {"attributes", {{"latency", 100}}}});
    EXPECT_GE(echo_time(client, "x"), milliseconds(200));
}

TEST_F(Toxics, BandwidthTakesItsTime) {
    add({{"type", "bandwidth"}, {"attributes", {{"rate", 1000}}}});
    Peer client = connect();
    // 300 kB at 1 MB/s, less what may pass at once.
    EXPECT_GE(echo_time(client, std::string(300'000, 'x')), milliseconds(200));
}

TEST_F(Toxics, BandwidthOfNothingHoldsBytesUntilItIsRemoved) {
    add({{"type", "bandwidth"}, {"attributes", {{"rate", 0}}}});
    Peer client = connect();
    client.send("hello");
    const link::Proxy& proxy = api.set().all().at("p");
    EXPECT_TRUE(eventually([&] { return api.set().counts(proxy).down.received == 5; }));
    EXPECT_EQ(api.set().counts(proxy).down.sent, 0U);
    EXPECT_EQ(api.request("DELETE", "/proxies/p/toxics/bandwidth_downstream").status, 204);
    EXPECT_EQ(client.receive(5), "hello");
}

TEST_F(Toxics, SlowCloseDelaysTheEndAlone) {
    add({{"type", "slow_close"}, {"attributes", {{"delay", 150}}}});
    Peer client = connect();
    echo_time(client, "x");
    const Instant start = now();
    client.finish();
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(client.end(), End::closed);
    EXPECT_GE(now() - start, milliseconds(150));
}

TEST_F(Toxics, TimeoutLetsNothingPassAndCloses) {
    add({{"type", "timeout"}, {"attributes", {{"timeout", 100}}}});
    const Instant start = now();
    Peer client = connect();
    client.send("x");
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_GE(now() - start, milliseconds(100));
}

TEST_F(Toxics, TimeoutOfNothingClosesWhenItIsRemoved) {
    add({{"type", "timeout"}});
    Peer client = connect();
    client.send("x");
    const link::Proxy& proxy = api.set().all().at("p");
    EXPECT_TRUE(eventually([&] { return api.set().counts(proxy).down.received == 1; }));
    EXPECT_EQ(api.set().counts(proxy).open, 1U);
    EXPECT_EQ(api.request("DELETE", "/proxies/p/toxics/timeout_downstream").status, 204);
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_NE(client.end(), End::late);
}

TEST_F(Toxics, ResetPeerResets) {
    add({{"type", "reset_peer"}, {"attributes", {{"timeout", 50}}}});
    const Instant start = now();
    Peer client = connect();
    EXPECT_EQ(client.receive_all(), "");
    EXPECT_EQ(client.end(), End::reset);
    EXPECT_GE(now() - start, milliseconds(50));
}

TEST_F(Toxics, SlicerCutsIntoSmallPieces) {
    add({{"type", "slicer"},
         {"attributes", {{"average_size", 100}, {"size_variation", 20}, {"delay", 1000}}}});
    Peer client = connect();
    const std::string sent(2000, 'x');
    const Instant start = now();
    client.send(sent);
    EXPECT_EQ(client.receive(2000), sent);
    // At least 16 slices, a millisecond between two.
    EXPECT_GE(now() - start, milliseconds(10));
}

TEST_F(Toxics, LimitDataClosesAfterExactlySoMuch) {
    add({{"type", "limit_data"}, {"attributes", {{"bytes", 1000}}}});
    Peer client = connect();
    client.send(std::string(3000, 'x'));
    EXPECT_EQ(client.receive_all().size(), 1000U);
}

TEST_F(Toxics, NoopDoesNothing) {
    add({{"type", "noop"}});
    Peer client = connect();
    const std::string sent(100'000, 'x');
    client.send(sent);
    EXPECT_EQ(client.receive(sent.size()), sent);
}

TEST_F(Toxics, OurOwnKindsAreToxicsToo) {
    add({{"type", "link.corrupt"}, {"stream", "upstream"}, {"attributes", {{"rate", "100%"}}}});
    Peer client = connect();
    client.send("AAAA");
    EXPECT_EQ(client.receive(4), "\xbe\xbe\xbe\xbe");
    EXPECT_EQ(api.request("DELETE", "/proxies/p/toxics/link.corrupt_upstream").status, 204);
    client.send("AAAA");
    EXPECT_EQ(client.receive(4), "AAAA");
    add({{"type", "link.down"}});
    EXPECT_NE(connect().error(), 0);
}

TEST_F(Toxics, ReachConnectionsThatAreOpenAndLeaveThem) {
    Peer client = connect();
    echo_time(client, "x");
    add({{"type", "latency"}, {"attributes", {{"latency", 100}}}});
    EXPECT_GE(echo_time(client, "x"), milliseconds(100));
    api.post("/proxies/p/toxics/latency_downstream", {{"attributes", {{"latency", 200}}}});
    EXPECT_GE(echo_time(client, "x"), milliseconds(200));
    api.request("DELETE", "/proxies/p/toxics/latency_downstream");
    echo_time(client, "x");
}

TEST_F(Toxics, OfACreatedProxyAreThereBeforeAnyoneConnects) {
    const auto made = api.post(
        "/proxies",
        {{"name", "q"},
         {"upstream", server.address()},
         {"toxics", Json::array({{{"type", "limit_data"}, {"attributes", {{"bytes", 3}}}}})}});
    ASSERT_EQ(made.status, 201) << made.body;
    Peer client = Peer::connect(json_of(made).at("listen"));
    client.send("hello");
    EXPECT_EQ(client.receive_all(), "hel");
}

}  // namespace
}  // namespace faultline::testing
