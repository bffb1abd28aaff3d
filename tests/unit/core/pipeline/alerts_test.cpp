// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/pipeline/rig.hpp"

namespace ftcore::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Alerts, TellOfALostPeerOnceAndOfItsReturn) {
    Rig rig({.self = 1, .leader = 1});
    rig.kill(3);
    rig.run_for(seconds(5));
    EXPECT_EQ(rig.all("alert", "rule"), "peer_lost");
    EXPECT_EQ(rig.first("alert", "about"), "kv[2]");
    rig.restart(3);
    rig.run_for(milliseconds(100));
    EXPECT_EQ(rig.all("alert", "state"), "firing,resolved");
}

TEST(Alerts, TellOfAMissingPrimaryAfterASecond) {
    Rig rig;
    rig.view.leader = nobody;
    rig.run_for(milliseconds(900));
    EXPECT_THAT(rig.events("alert"), IsEmpty());
    rig.run_for(milliseconds(200));
    EXPECT_EQ(rig.first("alert", "rule"), "no_primary");
    EXPECT_EQ(rig.first("alert", "severity"), "critical");
}

TEST(Alerts, GoToWebhookAndCommandWhenSevereEnough) {
    Rig rig({.self = 2, .leader = 1, .adjust = [](PipelineSettings& settings) {
                 settings.alerts.webhook.url = "http://127.0.0.1:9/alerts";
                 settings.alerts.command.words = {"notify", "--now"};
             }});
    rig.kill(3);  // a warning
    EXPECT_THAT(rig.actions<action::CallWebhook>(), IsEmpty());
    rig.view.storage_ok = false;
    rig.storage(ErrorCode::storage_failed);
    ASSERT_THAT(rig.actions<action::CallWebhook>(), SizeIs(1));
    EXPECT_EQ(rig.actions<action::CallWebhook>()[0].url, "http://127.0.0.1:9/alerts");
    EXPECT_THAT(rig.actions<action::CallWebhook>()[0].body,
                HasSubstr(R"("rule":"storage_failing")"));
    ASSERT_THAT(rig.actions<action::RunCommand>(), SizeIs(1));
    EXPECT_THAT(rig.actions<action::RunCommand>()[0].words,
                ElementsAre("notify",
                            "--now",
                            "critical",
                            "storage_failing",
                            "firing",
                            "the disk failed a write or a sync"));
}

TEST(Alerts, StandInTheReportWhileTheyFire) {
    Rig rig;
    rig.kill(3);
    EXPECT_THAT(rig.pipeline.report(), Contains(HasSubstr("peer_lost kv[2]")));
}

TEST(Alerts, TellWhenAWebhookFails) {
    Rig rig({.self = 2, .leader = 1, .adjust = [](PipelineSettings& settings) {
                 settings.alerts.webhook.url = "http://127.0.0.1:9/alerts";
             }});
    rig.carry_out = [](const Action& action) {
        return !std::holds_alternative<action::CallWebhook>(action.what);
    };
    rig.signal(signal::Corruption{"somewhere"});
    rig.run_for(milliseconds(10));
    EXPECT_THAT(rig.all("error", "text"), HasSubstr("it did not work"));
}

}  // namespace
}  // namespace ftcore::testing
