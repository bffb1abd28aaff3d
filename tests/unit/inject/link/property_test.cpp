// SPDX-License-Identifier: Apache-2.0
// Whatever stages stand on a link and however the ends write, read and finish: every byte arrives,
// once and in order, and the end behind them.
#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

constexpr std::uint64_t seed = 20240607;
constexpr std::size_t rounds = 60;
constexpr std::size_t connections_per_round = 3;

struct Plan {
    std::string up;
    std::string down;
    std::size_t up_write = 1;  // bytes per write
    std::size_t down_write = 1;
};

Plan random_plan(Random random) {
    // From nothing over single bytes to more than any buffer on the way.
    const auto size = [&random] {
        return static_cast<std::size_t>(random.below(std::uint64_t{1} << random.below(22)));
    };
    const auto write_size = [&random](std::size_t bytes) {
        const std::size_t some = 1 + random.below(std::uint64_t{1} << random.below(18));
        return std::max(some, bytes / 2000);
    };
    Plan plan;
    plan.up = noise(size(), random.next());
    plan.down = noise(size(), random.next());
    plan.up_write = write_size(plan.up.size());
    plan.down_write = write_size(plan.down.size());
    return plan;
}

std::shared_ptr<link::Effect> random_effect(Random& random) {
    switch (random.below(5)) {
        case 0:
            return on_both<DelayStage>(Duration(random.below(2'000'000)));
        case 1:
            return on_both<SliceStage>(std::size_t{500 + random.below(20'000)});
        case 2:
            return effect({.up = [](Random&) { return std::make_unique<SliceStage>(4000); }});
        case 3:
            return effect({.down = [](Random& own) {
                return std::make_unique<DelayStage>(Duration(own.below(1'000'000)));
            }});
        default:
            return on_both<link::Stage>();
    }
}

void write_in_pieces(Wire& wire, std::string_view bytes, std::size_t piece) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        ASSERT_TRUE(wire.send(bytes.substr(0, piece)));
    wire.finish();
}

void carry(const OneLink& link, TestServer& server, const Plan& plan) {
    Wire client = Wire::connect(link.address);
    ASSERT_TRUE(client);
    std::thread client_writes([&] { write_in_pieces(client, plan.up, plan.up_write); });
    Wire served = server.accept();
    ASSERT_TRUE(served);
    std::thread serving([&] { write_in_pieces(served, plan.down, plan.down_write); });
    std::string down;
    std::thread client_reads([&] { down = client.read_to_end(); });
    const std::string up = served.read_to_end();
    client_writes.join();
    serving.join();
    client_reads.join();
    EXPECT_TRUE(up == plan.up) << up.size() << " of " << plan.up.size();
    EXPECT_TRUE(down == plan.down) << down.size() << " of " << plan.down.size();
    EXPECT_EQ(served.ending(), Ending::end);
    EXPECT_EQ(client.ending(), Ending::end);
}

TEST(LinkProperty, EveryByteArrivesInOrderThroughAnyStages) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Random root(seed);
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = seed, .held_bytes_max = 200'000});
    for (std::size_t round = 0; round < rounds; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        Random random = root.fork("round", round);
        const std::vector<std::string> ids{"a", "b", "c", "d"};
        for (const std::string& id : ids) {
            const bool there = random.below(3) != 0;
            const double probability = random.below(2) == 0 ? 1 : 0.5;
            link.put(id,
                     there ? random_effect(random) : nullptr,
                     std::make_shared<link::Tally>(),
                     probability);
        }
        for (std::size_t index = 0; index < connections_per_round; ++index)
            carry(link, server, random_plan(random.fork("plan", index)));
        if (HasFailure()) return;
    }
    EXPECT_TRUE(eventually([&] { return link.engine->counts(link.id).open == 0; }));
    const auto counts = link.engine->counts(link.id);
    EXPECT_EQ(counts.up.received, counts.up.sent);
    EXPECT_EQ(counts.down.received, counts.down.sent);
    EXPECT_EQ(counts.accepted, rounds * connections_per_round);
}

}  // namespace
}  // namespace faultline::testing
