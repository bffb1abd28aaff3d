// SPDX-License-Identifier: Apache-2.0
#include "targets/core/alert/alerter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Instant at(Duration since_start) {
    return Instant(seconds(100)) + since_start;
}

/// "firing kv[1]" for each alert told, in order.
class Alerts : public ::testing::Test {
  protected:
    static AlertSettings one_rule(Duration hold, Duration cooldown) {
        const auto subjects = [](const AlertView& view) {
            std::vector<AlertSubject> found;
            for (const std::string& name : view.peers_lost)
                found.push_back({name, name + " is lost"});
            return found;
        };
        return {.rules = {{.name = "peer_lost",
                           .severity = Severity::error,
                           .hold = hold,
                           .cooldown = cooldown,
                           .subjects = subjects}},
                .log = false};
    }

    std::vector<std::string> turn(Alerter& alerter,
                                  Duration since_start,
                                  std::vector<std::string> lost) {
        alerter.turn({.now = at(since_start), .peers_lost = std::move(lost)}, outbox_);
        std::vector<std::string> told;
        for (const PipelineEvent& event : outbox_.take_events())
            told.push_back(event.fields[3].second + " " + event.fields[1].second);
        return told;
    }

    Outbox outbox_{{}};
};

TEST_F(Alerts, AreToldOnceWhileTheyFireAndOnceWhenResolved) {
    Alerter alerter(one_rule({}, {}), "kv[0]");
    EXPECT_THAT(turn(alerter, seconds(0), {"kv[1]"}), ElementsAre("firing kv[1]"));
    EXPECT_THAT(turn(alerter, seconds(1), {"kv[1]"}), IsEmpty());
    EXPECT_THAT(alerter.firing(), ElementsAre("peer_lost kv[1]"));
    EXPECT_THAT(turn(alerter, seconds(2), {}), ElementsAre("resolved kv[1]"));
    EXPECT_THAT(turn(alerter, seconds(3), {}), IsEmpty());
    EXPECT_THAT(alerter.firing(), IsEmpty());
}

TEST_F(Alerts, WaitUntilTheRuleHasHeldLongEnough) {
    Alerter alerter(one_rule(seconds(1), {}), "kv[0]");
    EXPECT_THAT(turn(alerter, seconds(0), {"kv[1]"}), IsEmpty());
    EXPECT_EQ(alerter.deadline(), at(seconds(1)));
    EXPECT_THAT(turn(alerter, milliseconds(500), {}), IsEmpty());
    EXPECT_EQ(alerter.deadline(), Instant::max());
    EXPECT_THAT(turn(alerter, milliseconds(600), {"kv[1]"}), IsEmpty());
    EXPECT_THAT(turn(alerter, milliseconds(1500), {"kv[1]"}), IsEmpty());
    EXPECT_THAT(turn(alerter, milliseconds(1600), {"kv[1]"}), ElementsAre("firing kv[1]"));
}

TEST_F(Alerts, ThatFlapAreHeldBackByTheCooldownAndToldWhenTheyLast) {
    Alerter alerter(one_rule({}, seconds(10)), "kv[0]");
    EXPECT_THAT(turn(alerter, seconds(0), {"kv[1]"}), SizeIs(1));
    EXPECT_THAT(turn(alerter, seconds(1), {}), SizeIs(1));
    for (int i = 2; i < 10; i += 2) {
        EXPECT_THAT(turn(alerter, seconds(i), {"kv[1]"}), IsEmpty());
        EXPECT_THAT(turn(alerter, seconds(i + 1), {}), IsEmpty());
    }
    EXPECT_THAT(turn(alerter, milliseconds(9500), {"kv[1]"}), IsEmpty());
    EXPECT_EQ(alerter.deadline(), at(seconds(11)));
    EXPECT_THAT(turn(alerter, seconds(11), {"kv[1]"}), ElementsAre("firing kv[1]"));
}

TEST_F(Alerts, KeepSubjectsApart) {
    Alerter alerter(one_rule({}, {}), "kv[0]");
    EXPECT_THAT(turn(alerter, seconds(0), {"kv[1]"}), ElementsAre("firing kv[1]"));
    EXPECT_THAT(turn(alerter, seconds(1), {"kv[1]", "kv[2]"}), ElementsAre("firing kv[2]"));
    EXPECT_THAT(turn(alerter, seconds(2), {"kv[2]"}), ElementsAre("resolved kv[1]"));
}

TEST_F(Alerts, TrackNoMoreSubjectsThanTheirBound) {
    Alerter alerter(one_rule({}, {}), "kv[0]");
    std::vector<std::string> many;
    for (int i = 0; i < 1000; ++i)
        many.push_back(std::to_string(i));
    EXPECT_THAT(turn(alerter, seconds(0), many), SizeIs(Alerter::tracked_max));
}

TEST_F(Alerts, GoToEverySinkThatIsSet) {
    AlertSettings settings = one_rule({}, {});
    settings.log = true;
    settings.webhook = {.url = "http://localhost/x", .severity_min = Severity::error};
    settings.command = {.words = {"notify"}, .severity_min = Severity::critical};
    Alerter alerter(settings, "kv[0]");
    alerter.turn({.now = at({}), .peers_lost = {"kv[\"1\"]"}}, outbox_);
    const auto events = outbox_.take_events();
    ASSERT_THAT(events, SizeIs(2));
    EXPECT_EQ(events[0].name, "alert");
    EXPECT_EQ(events[1].name, "log");
    const auto actions = outbox_.take_actions();
    ASSERT_THAT(actions, SizeIs(1));  // not severe enough for the command
    EXPECT_EQ(
        std::get<action::CallWebhook>(actions[0].what).body,
        R"({"event":"alert","at":100000000000,"node":"kv[0]","rule":"peer_lost",)"
        R"("subject":"kv[\"1\"]","severity":"error","state":"firing","text":"kv[\"1\"] is lost"})");
}

}  // namespace
}  // namespace ftcore::testing
