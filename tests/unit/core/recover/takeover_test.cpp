// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/takeover.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class TakeoverTest : public ::testing::Test {
  protected:
    std::vector<std::string> turn(bool quorum = true) {
        takeover_.turn(now_, {.node = node_, .quorum_answers = quorum}, outbox_);
        std::vector<std::string> names;
        for (const PipelineEvent& event : outbox_.take_events())
            names.push_back(event.name + " " + event.fields[1].second);
        return names;
    }
    void lead() {
        node_.role = Role::leader;
        node_.leader = 2;
    }
    void follow(NodeId leader) {
        node_.role = Role::follower;
        node_.leader = leader;
        node_.serving = false;
    }

    Instant now_{seconds(100)};
    NodeView node_{.leader = 1, .commit = 10};
    Outbox outbox_{{{1, "kv[0]"}, {2, "kv[1]"}}};
    Takeover takeover_{TakeoverSettings{}, 2};
};

TEST_F(TakeoverTest, GoesFromElectedToServingToVerified) {
    EXPECT_THAT(turn(), IsEmpty());
    EXPECT_FALSE(takeover_.watches_view());
    lead();
    EXPECT_THAT(turn(), IsEmpty());
    EXPECT_TRUE(takeover_.watches_view());
    node_.serving = true;
    node_.commit = 11;  // the no-op of its term
    EXPECT_THAT(turn(), ElementsAre("recovered kv[1]"));
    EXPECT_EQ(takeover_.deadline(), now_ + milliseconds(500));
    node_.commit = 12;
    EXPECT_THAT(turn(), ElementsAre("verified true"));
    EXPECT_FALSE(takeover_.watches_view());
    EXPECT_EQ(takeover_.report().size(), 1U);
}

TEST_F(TakeoverTest, IsGivenUpWithTheLead) {
    turn();
    lead();
    turn();
    follow(3);
    EXPECT_THAT(turn(), IsEmpty());
    EXPECT_FALSE(takeover_.watches_view());
    lead();
    node_.serving = true;
    EXPECT_THAT(turn(), ElementsAre("recovered kv[1]"));
}

TEST_F(TakeoverTest, IsSilentWhenItOnlyFollowsItself) {
    node_.leader = nobody;
    turn();
    lead();
    node_.serving = true;
    EXPECT_THAT(turn(), IsEmpty());
    follow(nobody);
    turn();
    lead();
    node_.serving = true;
    EXPECT_THAT(turn(), IsEmpty());
}

TEST_F(TakeoverTest, WaitsForAQuorum) {
    turn();
    lead();
    node_.serving = true;
    turn(false);
    node_.commit = 20;
    EXPECT_THAT(turn(false), IsEmpty());
    now_ += seconds(1);
    EXPECT_THAT(turn(false), IsEmpty());
    EXPECT_GT(takeover_.deadline(), now_);
    EXPECT_THAT(turn(true), ElementsAre("verified true"));
}

}  // namespace
}  // namespace ftcore::testing
