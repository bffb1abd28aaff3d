// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/inject/toxiproxy/api.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

// The seed of the server decides everything that is left to chance.

namespace faultline::testing {
namespace {

using Json = nlohmann::json;

/// Which of 64 connections, one after the other, a toxic on half of them hits.
std::string fates(std::uint64_t seed, const std::string& proxy = "p") {
    const TestServer server(echo);
    Api api(seed);
    const std::string listen = api.proxy(proxy, server.address());
    api.post("/proxies/" + proxy + "/toxics",
             {{"type", "limit_data"}, {"toxicity", 0.5}, {"attributes", {{"bytes", 0}}}});
    std::string hit;
    for (int i = 0; i < 64; ++i) {
        Peer client = Peer::connect(listen);
        client.send("x");
        hit += client.receive(1) == "x" ? '.' : 'X';
    }
    return hit;
}

TEST(ProxySeed, DecidesTheFateOfEachConnection) {
    const std::string once = fates(7);
    EXPECT_EQ(fates(7), once);
    EXPECT_NE(fates(8), once);
    EXPECT_NE(once.find('X'), std::string::npos) << once;
    EXPECT_NE(once.find('.'), std::string::npos) << once;
}

TEST(ProxySeed, GivesEachProxyItsOwnChance) {
    EXPECT_NE(fates(7, "p"), fates(7, "q"));
}

/// The delays that 20 chunks were given, in ns: planned, so that a busy machine changes none.
std::vector<std::uint64_t> delays(std::uint64_t seed) {
    const TestServer server(echo);
    Api api(seed);
    const std::string listen = api.proxy("p", server.address());
    api.toxic({{"type", "latency"}, {"attributes", {{"latency", 10}, {"jitter", 10}}}});
    const link::Toxic& toxic = api.set().all().at("p").toxics[0];
    Peer client = Peer::connect(listen);
    std::vector<std::uint64_t> sums;
    for (int i = 0; i < 20; ++i) {
        client.send("x");
        EXPECT_EQ(client.receive(1), "x");
        sums.push_back(toxic.tally->delay_ns.get());
    }
    return sums;
}

TEST(ProxySeed, DecidesEveryDelay) {
    const auto once = delays(7);
    EXPECT_EQ(delays(7), once);
    EXPECT_NE(delays(8), once);
}

}  // namespace
}  // namespace faultline::testing
