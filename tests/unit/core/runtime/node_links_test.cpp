// SPDX-License-Identifier: Apache-2.0
// Real nodes over links that are cut in one direction, come to a stop, or are refused.
#include <gtest/gtest.h>

#include "tests/unit/core/runtime/node_group.hpp"

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class NodeLinks : public ::testing::Test {
  protected:
    explicit NodeLinks(std::function<void(NodeSettings&)> adjust = {})
        : group(3, {.adjust = std::move(adjust), .relayed = true}) {
        group.start();
    }

    void await_all_in_touch() {
        group.run_until(
            [this] {
                const auto primary = group.primary();
                for (std::size_t node = 0; primary && node < 3; ++node) {
                    if (group.status(node).leader != group.settings[*primary].self) return false;
                }
                return primary.has_value();
            },
            "all follow one primary");
    }
    /// Another one serves, the old one does not, and what is written now is on all in the end.
    void expect_takeover(std::size_t old) {
        group.run_until(
            [&] {
                const auto primary = group.primary();
                return primary && *primary != old && !group.status(old).serving;
            },
            "another one serves instead");
        group.fill(10, 100);
    }
    NodeGroup group;
};

/// Slow enough for a busy machine: when this process does not run for a while, nobody is to blame.
class PatientNodeLinks : public NodeLinks {
  protected:
    PatientNodeLinks()
        : NodeLinks([](NodeSettings& settings) {
              settings.heartbeat = milliseconds(500);
              settings.detection_floor = milliseconds(1100);
              settings.election_timeout = seconds(4);
          }) {}
};

TEST_F(NodeLinks, APrimaryThatIsNotHeardIsReplaced) {
    const std::size_t old = *group.primary();
    for (std::size_t other = 0; other < 3; ++other) {
        if (other != old) group.stall(old, other, true);
    }
    expect_takeover(old);
    for (std::size_t other = 0; other < 3; ++other) {
        if (other != old) group.stall(old, other, false);  // all it has said comes late
    }
    await_all_in_touch();
    group.run_until([this] { return group.converged(); }, "all have the same");
}

TEST_F(NodeLinks, APrimaryThatHearsNobodyStepsDown) {
    const std::size_t old = *group.primary();
    for (std::size_t other = 0; other < 3; ++other) {
        if (other != old) group.stall(other, old, true);
    }
    const auto write = group.write(old, "to nobody");
    expect_takeover(old);
    ASSERT_TRUE(write->outcome);
    EXPECT_NE(*write->outcome, ErrorCode::none) << "nobody heard of it";
    for (std::size_t other = 0; other < 3; ++other) {
        if (other != old) group.stall(other, old, false);
    }
    await_all_in_touch();
    group.run_until([this] { return group.converged(); }, "all have the same");
}

TEST_F(PatientNodeLinks, ThatComeAndGoUnseatNobody) {
    await_all_in_touch();
    const std::size_t primary = *group.primary();
    const std::size_t other = (primary + 1) % 3;
    const Term term = group.status(primary).term;
    for (int flap = 0; flap < 10; ++flap) {
        group.disconnect(primary, other, true);
        group.run_for(milliseconds(200));
        group.disconnect(primary, other, false);
        group.run_for(milliseconds(200));
    }
    EXPECT_EQ(group.primary(), primary);
    EXPECT_EQ(group.status(primary).term, term);
    group.fill(10, 100);
    group.run_until([this] { return group.converged(); }, "all have the same");
}

TEST_F(PatientNodeLinks, ThatAreResetInOneDirectionAreNoDeath) {
    await_all_in_touch();
    const std::size_t primary = *group.primary();
    const Term term = group.status(primary).term;
    for (int round = 0; round < 10; ++round) {
        for (std::size_t other = 0; other < 3; ++other) {
            if (other != primary) group.relay(other, primary).reset();
        }
        group.run_for(milliseconds(100));
    }
    EXPECT_EQ(group.primary(), primary);
    EXPECT_EQ(group.status(primary).term, term);
}

TEST_F(PatientNodeLinks, ThatStallUnderALoadComeBackWithEverything) {
    await_all_in_touch();
    const std::size_t primary = *group.primary();
    const std::size_t other = (primary + 1) % 3;
    group.stall(primary, other, true);
    group.stall(other, primary, true);
    group.fill(90, 100 << 10);  // more than is sent ahead of the answers
    group.stall(primary, other, false);
    group.stall(other, primary, false);
    await_all_in_touch();
    group.run_until([this] { return group.converged(); }, "all have the same");
}

}  // namespace
}  // namespace ftcore::testing
