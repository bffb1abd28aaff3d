// SPDX-License-Identifier: Apache-2.0
#include "targets/core/alert/rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> holding(const AlertView& view) {
    std::vector<std::string> names;
    for (const AlertRule& rule : default_alert_rules()) {
        if (!rule.subjects(view).empty()) names.push_back(rule.name);
    }
    return names;
}

TEST(DefaultRules, SayNothingWhenAllIsWell) {
    EXPECT_THAT(holding({}), IsEmpty());
}

TEST(DefaultRules, HoldForWhatTheyAreNamedAfter) {
    EXPECT_THAT(holding({.peers_lost = {"kv[1]"}}), ElementsAre("peer_lost"));
    EXPECT_THAT(holding({.no_primary_since = Instant{}}), ElementsAre("no_primary"));
    EXPECT_THAT(holding({.storage = StorageTrouble::failing}), ElementsAre("storage_failing"));
    EXPECT_THAT(holding({.storage = StorageTrouble::slow}), ElementsAre("storage_slow"));
    EXPECT_THAT(holding({.storage = StorageTrouble::full}), ElementsAre("disk_full"));
    EXPECT_THAT(holding({.corruption = "segment 3"}), ElementsAre("corruption"));
    EXPECT_THAT(holding({.failing = true}), ElementsAre("error_rate"));
    EXPECT_THAT(holding({.overloaded = true}), ElementsAre("overload"));
    EXPECT_THAT(holding({.safe_state = "fsync"}), ElementsAre("safe_state"));
}

}  // namespace
}  // namespace ftcore::testing
