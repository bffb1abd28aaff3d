// SPDX-License-Identifier: Apache-2.0
// Which connections an effect is for.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"
#include "tests/unit/inject/link/wire.hpp"

namespace faultline::testing {
namespace {

using link::Tally;

/// Which of `count` connections, made one after the other, an effect is on.
std::vector<bool> fates(std::uint64_t seed, double probability, std::size_t count, Tally& tally) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = seed});
    const std::shared_ptr<Tally> shared(&tally, [](Tally*) {});
    link.put("mark", on_both<MarkStage>('m'), shared, probability);
    std::vector<bool> all;
    for (std::size_t index = 0; index < count; ++index) {
        Pair pair = connect_through(link, server);
        EXPECT_TRUE(pair.client.send("x"));
        pair.client.finish();
        all.push_back(pair.server.read_to_end() == "mx");
    }
    return all;
}

TEST(EffectDraws, DrawByTheSeed) {
    Tally first;
    Tally second;
    Tally third;
    const auto drawn = fates(7, 0.5, 60, first);
    EXPECT_EQ(drawn, fates(7, 0.5, 60, second));
    EXPECT_NE(drawn, fates(8, 0.5, 60, third));
    EXPECT_EQ(first.connections.get() + first.spared.get(), 60U);
    EXPECT_EQ(first.connections.get(),
              static_cast<std::uint64_t>(std::count(drawn.begin(), drawn.end(), true)));
    // The draw is what the header says.
    for (std::uint64_t number = 0; number < drawn.size(); ++number) {
        Random random = Random(7).fork("link a->b").fork("effect mark", number);
        EXPECT_EQ(drawn[number], random.uniform() < 0.5);
    }
}

TEST(EffectDraws, TouchNoneAtProbabilityZeroAndAllAtOne) {
    Tally none;
    Tally all;
    EXPECT_EQ(fates(3, 0, 20, none), std::vector<bool>(20, false));
    EXPECT_EQ(none.connections.get(), 0U);
    EXPECT_EQ(none.spared.get(), 20U);
    EXPECT_EQ(fates(3, 1, 20, all), std::vector<bool>(20, true));
    EXPECT_EQ(all.spared.get(), 0U);
}

TEST(EffectDraws, KeepAConnectionsFateWhateverElseChanges) {
    TestServer server;
    const OneLink link = one_link(server.address(), {.seed = 11});
    std::vector<Pair> pairs;
    for (int count = 0; count < 16; ++count)
        pairs.push_back(connect_through(link, server));
    const auto look = [&] {
        std::vector<bool> all;
        for (Pair& pair : pairs) {
            EXPECT_TRUE(pair.client.send("x"));
            const bool marked = pair.server.read(1) == "m";
            if (marked) {
                EXPECT_EQ(pair.server.read(1), "x");
            }
            all.push_back(marked);
        }
        return all;
    };
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 0.5);
    const auto before = look();
    EXPECT_NE(before, std::vector<bool>(16, true));
    EXPECT_NE(before, std::vector<bool>(16, false));
    link.put("other", on_both<SliceStage>(std::size_t{1}), std::make_shared<Tally>(), 0.5);
    EXPECT_EQ(look(), before);
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 0.5);
    EXPECT_EQ(look(), before);
    link.take("other");
    EXPECT_EQ(look(), before);
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 1);
    EXPECT_EQ(look(), std::vector<bool>(16, true));
    link.put("mark", on_both<MarkStage>('m'), std::make_shared<Tally>(), 0.5);
    EXPECT_EQ(look(), before);
}

}  // namespace
}  // namespace faultline::testing
