// SPDX-License-Identifier: Apache-2.0
// Everything at once: connections come, talk, finish and break while effects, doors and the link
// itself change under them. Nothing may be left at the end; the sanitizers look for the rest.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

constexpr std::uint64_t seed = 31;
constexpr int client_count = 4;
constexpr int connections_per_client = 150;
constexpr int changes = 1500;

void talk(const std::string& address, Random random) {
    Wire wire = Wire::connect(address);
    if (!wire) return;
    const std::string bytes = noise(random.below(100'000), random.next());
    switch (random.below(5)) {
        case 0:
            wire.reset();
            break;
        case 1:
            wire.send(bytes);
            wire.reset();
            break;
        case 2:
            wire.send(bytes);
            break;
        case 3:
            wire.finish();
            break;
        default:
            wire.send(bytes);
            wire.finish();
            break;
    }
}

/// Reads what comes for a while, answers some of it, and leaves in one way or another.
void serve(TestServer& server, const std::atomic<bool>& done) {
    Random random = Random(seed).fork("server");
    std::vector<Wire> open;
    while (!done) {
        if (server.somebody_waits()) open.push_back(server.accept());
        if (open.empty()) continue;
        Wire& one = open[random.below(open.size())];
        if (one.readable_now()) static_cast<void>(one.read(1));
        if (random.below(4) == 0) one.send("answer");
        if (random.below(3) != 0 && open.size() < 50) continue;
        if (random.below(2) == 0) one.reset();
        std::swap(one, open.back());
        open.pop_back();
    }
}

std::shared_ptr<link::Effect> random_effect(Random& random) {
    using link::Door;
    using link::OpenConnections;
    switch (random.below(8)) {
        case 0:
            return on_both<DelayStage>(Duration(random.below(5'000'000)));
        case 1:
            return on_both<SliceStage>(std::size_t{1000 + random.below(10'000)});
        case 2:
            return on_both<StallStage>();
        case 3:
            return on_both<EndingStage>(std::size_t{random.below(50'000)}, random.below(2) == 0);
        case 4:
            return effect({.door = Door::refuse});
        case 5:
            return effect({.door = Door::silent});
        case 6:
            return effect(
                {.open = random.below(2) == 0 ? OpenConnections::reset : OpenConnections::close});
        default:
            return effect({.up = [](Random&) { return std::make_unique<StallStage>(); },
                           .removed = OpenConnections::close});
    }
}

void change(const OneLink& link, TestServer& server) {
    Random random = Random(seed).fork("changes");
    const std::vector<std::string> ids{"a", "b", "c"};
    for (int count = 0; count < changes; ++count) {
        const std::string& id = ids[random.below(ids.size())];
        const bool off = random.below(2) == 0;
        const double probability = random.below(2) == 0 ? 1 : random.uniform();
        link.put(id,
                 off ? nullptr : random_effect(random),
                 std::make_shared<link::Tally>(),
                 probability);
        static_cast<void>(link.engine->counts(link.id));
        if (random.below(50) == 0) {
            EXPECT_TRUE(link.engine->set_addresses(link.id, link.address, server.address()));
        }
        if (random.below(50) == 0) {
            EXPECT_TRUE(link.engine->set_enabled(link.id, false));
            EXPECT_TRUE(link.engine->set_enabled(link.id, true));
        }
    }
    for (const std::string& id : ids)
        link.take(id);
}

TEST(LinkChurn, LeavesNothingBehind) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = seed, .held_bytes_max = 60'000});
    std::atomic<bool> done = false;
    std::thread serving([&] { serve(server, done); });
    std::vector<std::thread> clients;
    for (int client = 0; client < client_count; ++client) {
        clients.emplace_back([&, client] {
            const Random random = Random(seed).fork("client", static_cast<std::uint64_t>(client));
            for (std::uint64_t count = 0; count < connections_per_client; ++count)
                talk(link.address, random.fork("talk", count));
        });
    }
    change(link, server);
    for (std::thread& client : clients)
        client.join();
    // All have left, and no effect holds anything back any more; the server may hold some.
    done = true;
    serving.join();
    EXPECT_TRUE(eventually([&] {
        while (server.somebody_waits())
            server.accept().close();
        return link.engine->counts(link.id).open == 0;
    }));
}

}  // namespace
}  // namespace faultline::testing
