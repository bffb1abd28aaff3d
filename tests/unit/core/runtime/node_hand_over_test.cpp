// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/runtime/node_group.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;
using Writes = std::vector<std::shared_ptr<NodeGroup::Write>>;

bool all_answered(const Writes& writes) {
    return std::ranges::all_of(writes, [](const auto& one) { return one->outcome.has_value(); });
}

TEST(NodeHandOver, LeavesNoWriteUnansweredAndLosesNone) {
    NodeGroup group(3);
    group.start();
    for (int round = 0; round < 3; ++round) {
        const std::size_t old = *group.primary();
        Writes writes;
        const auto write_on = [&] {
            writes.push_back(group.write(old, "<" + std::to_string(writes.size()) + ">"));
        };
        for (int before = 0; before < 20; ++before)
            write_on();
        const auto begun = group.nodes[old]->hand_over();
        ASSERT_TRUE(begun) << begun.error().message;
        EXPECT_TRUE(group.status(old).handing_over);
        group.run_until(
            [&] {
                write_on();
                const auto primary = group.primary();
                return primary && primary != old;
            },
            "another one serves");
        group.run_until([&] { return all_answered(writes); }, "every write is answered");
        group.run_until([&] { return group.converged(); }, "all have the same");
        std::size_t done = 0;
        for (std::size_t number = 0; number < writes.size(); ++number) {
            EXPECT_EQ(writes[number]->answers, 1);
            const ErrorCode outcome = writes[number]->outcome.value_or(ErrorCode::internal);
            EXPECT_THAT(
                outcome,
                ::testing::AnyOf(ErrorCode::none, ErrorCode::not_primary, ErrorCode::no_primary));
            const bool there =
                group.tapes[0]->text.find("<" + std::to_string(number) + ">") != std::string::npos;
            EXPECT_EQ(there, outcome == ErrorCode::none) << "write " << number;
            done += outcome == ErrorCode::none;
        }
        EXPECT_GE(done, 20U) << "what was accepted before is settled";
        for (auto& tape : group.tapes)
            tape->text.clear();
    }
}

TEST(NodeHandOver, GoesToTheNodeThatWasNamed) {
    NodeGroup group(3);
    group.start();
    for (const std::size_t wanted : {0U, 1U, 2U, 0U}) {
        const std::size_t old = *group.primary();
        if (wanted == old) continue;
        const NodeId id = group.settings[wanted].self;
        group.run_until([&] { return group.nodes[old]->hand_over({.to = id}).has_value(); },
                        "it is in reach");
        group.run_until([&] { return group.primary() == wanted; }, "it serves");
    }
}

TEST(NodeHandOver, ThatIsGivenUpProposesWhatWasHeld) {
    NodeGroup group(3);
    group.start();
    const std::size_t primary = *group.primary();
    static_cast<void>(group.write(primary, "first"));  // until it is agreed nobody is told
    ASSERT_TRUE(group.nodes[primary]->hand_over());
    const auto held = group.write(primary, "held");
    EXPECT_FALSE(held->outcome);
    EXPECT_GE(group.status(primary).pending, 2U);
    ASSERT_TRUE(group.nodes[primary]->keep_lead());
    group.run_until([&] { return held->outcome.has_value(); }, "it is answered");
    EXPECT_EQ(held->outcome, ErrorCode::none);
    EXPECT_EQ(group.primary(), primary);
    EXPECT_EQ(group.status(primary).life_cycle, "primary");
    EXPECT_EQ(group.tapes[primary]->text, "firstheld");
}

TEST(NodeHandOver, CountsWhatIsHeldAsPending) {
    NodeGroup group(3, {.adjust = [](NodeSettings& settings) { settings.pending_max = 4; }});
    group.start();
    const std::size_t primary = *group.primary();
    ASSERT_TRUE(group.nodes[primary]->hand_over());
    Writes writes;
    for (int number = 0; number < 6; ++number)
        writes.push_back(group.write(primary, "x"));
    EXPECT_FALSE(writes[3]->outcome);
    EXPECT_EQ(writes[4]->outcome, ErrorCode::overloaded);
    EXPECT_EQ(writes[5]->outcome, ErrorCode::overloaded);
    group.run_until([&] { return all_answered(writes); }, "every write is answered");
}

TEST(NodeHandOver, IsRefusedWithTheReason) {
    NodeGroup group(3);
    group.start();
    const std::size_t primary = *group.primary();
    const auto why = [&group](std::size_t node, HandOverOptions options = {}) {
        const auto refused = group.nodes[node]->hand_over(options);
        return refused ? std::string("taken") : refused.error().message;
    };
    EXPECT_THAT(why((primary + 1) % 3), HasSubstr("does not lead"));
    EXPECT_THAT(why(primary, {.to = 9}), HasSubstr("node 9"));
    EXPECT_FALSE(group.nodes[primary]->keep_lead());
    ASSERT_EQ(why(primary), "taken");
    EXPECT_THAT(why(primary), HasSubstr("runs already"));
    NodeGroup alone(1);
    alone.start();
    const auto nobody_else = alone.nodes[0]->hand_over();
    ASSERT_FALSE(nobody_else);
    EXPECT_THAT(nobody_else.error().message, HasSubstr("no other node"));
}

}  // namespace
}  // namespace ftcore::testing
