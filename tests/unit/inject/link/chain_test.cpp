// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/chain.hpp"

#include <gtest/gtest.h>

#include "tests/unit/inject/link/stages.hpp"

namespace faultline::testing {
namespace {

using link::Chain;
using link::Chunk;

/// Writes down what reaches the socket.
struct Floor final : link::ChainEnd {
    void push(Chunk chunk) override { text += chunk.bytes + ' '; }
    void finish(Instant) override { text += "end "; }
    void reset() override { text += "reset "; }
    void close() override { text += "close "; }
    void note_close() override { text += "closing "; }
    std::string text;
};

constexpr Instant start = instant_of(1'000'000);
constexpr Duration second = std::chrono::seconds(1);

TEST(Chain, PassesThroughItsStagesInTheOrderOfTheirPlaces) {
    Floor floor;
    Chain chain(floor);
    chain.put(2, std::make_unique<SliceStage>(1), start);
    chain.put(1, std::make_unique<SliceStage>(3), start);
    chain.push({"abcde", start});
    EXPECT_EQ(floor.text, "a b c d e ");
}

TEST(Chain, IsNothingWithoutStages) {
    Floor floor;
    Chain chain(floor);
    EXPECT_TRUE(chain.empty());
    chain.push({"ab", start});
    chain.finish(start);
    EXPECT_EQ(floor.text, "ab end ");
    EXPECT_EQ(chain.wake(), Instant::max());
}

TEST(Chain, ReleasesAStageThatIsTakenIntoTheOnesBelow) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<DelayStage>(second), start);
    chain.put(2, std::make_unique<SliceStage>(2), start);
    chain.push({"abcd", start});
    chain.finish(start);
    EXPECT_EQ(floor.text, "");
    EXPECT_EQ(chain.held(), 4U);
    EXPECT_EQ(chain.wake(), start + second);
    chain.take(1, start);
    EXPECT_EQ(floor.text, "ab cd end ");
    EXPECT_EQ(chain.held(), 0U);
}

TEST(Chain, KeepsOrderWhenAStageIsReplaced) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<DelayStage>(second), start);
    chain.push({"first", start});
    chain.put(1, std::make_unique<DelayStage>(2 * second), start);
    chain.push({"second", start});
    EXPECT_EQ(floor.text, "first ");
    EXPECT_TRUE(chain.advance_due(start + 2 * second));
    EXPECT_FALSE(chain.advance_due(start + 2 * second));
    EXPECT_EQ(floor.text, "first second ");
}

TEST(Chain, AddsUpTheDelaysOfItsStagesExactly) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<DelayStage>(second), start);
    chain.put(2, std::make_unique<DelayStage>(second), start);
    chain.push({"x", start});
    // However late the first is advanced, the second is due by the plan.
    EXPECT_TRUE(chain.advance_due(start + second + second / 2));
    EXPECT_EQ(chain.wake(), start + 2 * second);
}

TEST(Chain, PassesTheEndOnForAStageThatForgotIt) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<ForgetfulStage>(), start);
    chain.finish(start);
    EXPECT_EQ(floor.text, "");
    chain.take(1, start);
    EXPECT_EQ(floor.text, "end ");
}

TEST(Chain, DeliversWhatIsBelowAStageThatCloses) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<EndingStage>(3, false), start);
    chain.put(2, std::make_unique<DelayStage>(second), start);
    chain.push({"abcdef", start});
    EXPECT_EQ(floor.text, "closing ");
    EXPECT_TRUE(chain.advance_due(now() + second));
    EXPECT_EQ(floor.text, "closing abc end ");
}

TEST(Chain, ClosesAtOnceWhenNothingIsBelow) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<EndingStage>(3, false), start);
    chain.push({"abcdef", start});
    EXPECT_EQ(floor.text, "abc close ");
}

TEST(Chain, ResetsFromAnyPlace) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<EndingStage>(0, true), start);
    chain.put(2, std::make_unique<DelayStage>(second), start);
    chain.push({"abc", start});
    EXPECT_EQ(floor.text, "reset ");
}

TEST(Chain, AcceptsOnlyWhenAllItsStagesDo) {
    Floor floor;
    Chain chain(floor);
    chain.put(1, std::make_unique<SliceStage>(1), start);
    chain.put(2, std::make_unique<StallStage>(), start);
    EXPECT_TRUE(chain.accepts());
    chain.push({"abc", start});
    EXPECT_FALSE(chain.accepts());
    chain.take(2, start);
    EXPECT_EQ(floor.text, "abc ");
    EXPECT_TRUE(chain.accepts());
}

}  // namespace
}  // namespace faultline::testing
