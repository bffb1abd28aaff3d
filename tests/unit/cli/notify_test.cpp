// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/notify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/cli/webhook_url.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

namespace faultline::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Peer;
using testing::SilentPort;
using testing::TestServer;

Notification sample_notification() {
    Notification notification{.run = "ab12cd",
                              .scenario = "pair \"x\"",
                              .parameters = {{"rate", "5/s"}},
                              .outcome = RunOutcome::fail,
                              .reason = "1 of 3 expectations is broken",
                              .directory = "results/pair",
                              .command = {"faultline", "run", "pair.json"}};
    InjectionSummary measures;
    measures.spans["recovery_time"].n = 20;
    measures.spans["recovery_time"].p50 = 1.5e9;
    measures.success_rate.mean = 0.9;
    notification.measures = measures;
    return notification;
}

/// Reads one request, and answers with this status.
std::function<void(Peer&)> answer_with(const std::string& status, std::string& request) {
    return [status, &request](Peer& peer) {
        std::string text;
        while (text.find("\"command\"") == std::string::npos && peer.end() == testing::End::none)
            text += peer.receive_some();
        request = text;
        peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
    };
}

TEST(WebhookUrl, IsTakenApart) {
    const auto url = parse_webhook_url("http://ci.example:8080/hook?x=1#part");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "ci.example");
    EXPECT_EQ(url->port, 8080);
    EXPECT_FALSE(url->tls);
    EXPECT_EQ(url->target, "/hook?x=1");
    EXPECT_EQ(parse_webhook_url("http://h")->target, "/");
    EXPECT_EQ(parse_webhook_url("http://h?x")->target, "/?x");
    EXPECT_EQ(parse_webhook_url("http://[::1]:90/")->host, "::1");
    EXPECT_EQ(parse_webhook_url("http://[::1]:90/")->port, 90);
    EXPECT_EQ(parse_webhook_url("http://h/")->port, 80);
    const auto secure = parse_webhook_url("https://chat.example/hook");
    ASSERT_TRUE(secure);
    EXPECT_TRUE(secure->tls);
    EXPECT_EQ(secure->host, "chat.example");
    EXPECT_EQ(secure->port, 443);
    EXPECT_EQ(secure->target, "/hook");
    EXPECT_EQ(parse_webhook_url("https://h:8443/")->port, 8443);
}

TEST(WebhookUrl, NamesItsHostWithoutThePortOfItsScheme) {
    for (const char* authority : {"h", "h:443", "[::1]", "[::1]:90"}) {
        EXPECT_EQ(parse_webhook_url(std::string("http://") + authority + "/x")->authority(),
                  authority);
    }
    EXPECT_EQ(parse_webhook_url("http://h:80/")->authority(), "h");
    EXPECT_EQ(parse_webhook_url("https://h:443/")->authority(), "h");
    EXPECT_EQ(parse_webhook_url("https://h:80/")->authority(), "h:80");
}

TEST(WebhookUrl, RefusesWhatNoNotificationCanGoTo) {
    for (const char* url : {"",
                            "h",
                            "ftp://h/",
                            "http://",
                            "http:///x",
                            "http://h:/",
                            "http://h:0/",
                            "http://h:70000/",
                            "http://h:1x/",
                            "http://u:p@h/",
                            "http://[::1",
                            "http://[::1]90/",
                            "https://",
                            "https:/h/",
                            "https://:443/",
                            "http://h/a b",
                            "http://h/\r\nX: y"})
        EXPECT_FALSE(parse_webhook_url(url)) << url;
}

TEST(Notification, SaysTheVerdictAndTheThreeNumbers) {
    const auto json = nlohmann::json::parse(json_of(sample_notification()));
    EXPECT_EQ(json.at("run"), "ab12cd");
    EXPECT_EQ(json.at("scenario"), "pair \"x\"");
    EXPECT_EQ(json.at("parameters").at("rate"), "5/s");
    EXPECT_EQ(json.at("verdict"), "fail");
    EXPECT_EQ(json.at("exit_code"), 1);
    EXPECT_TRUE(json.at("detection_time").is_null());
    EXPECT_EQ(json.at("recovery_time").at("p50_ns"), 1'500'000'000);
    EXPECT_EQ(json.at("success_rate").at("mean"), 0.9);
    EXPECT_EQ(json.at("command").at(1), "run");
}

TEST(Notification, IsPostedToAWebhook) {
    std::string request;
    const TestServer server(answer_with("204 No Content", request));
    Subscribers subscribers{.webhooks = {"http://" + server.address() + "/hook"}};
    EXPECT_THAT(notify(subscribers, sample_notification()), IsEmpty());
    EXPECT_THAT(request, HasSubstr("POST /hook HTTP/1.1\r\n"));
    EXPECT_THAT(request, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(request, HasSubstr("\"verdict\":\"fail\""));
    EXPECT_EQ(server.accepted(), 1);
}

TEST(Notification, IsTriedOnceMoreWhenTheServerFailsAndNotWhenItRefuses) {
    std::string request;
    const TestServer failing(answer_with("503 Busy", request));
    const TestServer refusing(answer_with("404 Not Found", request));
    const Subscribers subscribers{
        .webhooks = {"http://" + failing.address() + "/", "http://" + refusing.address() + "/"}};
    EXPECT_THAT(notify(subscribers, sample_notification()),
                ElementsAre(HasSubstr("status 503"), HasSubstr("status 404")));
    EXPECT_EQ(failing.accepted(), 2);
    EXPECT_EQ(refusing.accepted(), 1);
}

TEST(Notification, DoesNotWaitForeverForAWebhook) {
    const SilentPort silent;
    const Subscribers subscribers{.webhooks = {"http://" + silent.address() + "/"},
                                  .webhook_timeout = 50ms};
    EXPECT_THAT(notify(subscribers, sample_notification()),
                ElementsAre(HasSubstr("no answer within 50")));
}

TEST(Notification, IsGivenToACommandAndKillsOneThatHangs) {
    const Subscribers subscribers{
        .commands = {"grep -q '\"verdict\":\"fail\"' && test \"$FAULTLINE_VERDICT\" = fail && "
                     "test \"$FAULTLINE_EXIT_CODE\" = 1 && test \"$FAULTLINE_RUN\" = ab12cd && "
                     "test \"$FAULTLINE_SCENARIO\" = 'pair \"x\"' && "
                     "test \"$FAULTLINE_DIRECTORY\" = results/pair",
                     "exit 7"}};
    EXPECT_THAT(notify(subscribers, sample_notification()), ElementsAre(HasSubstr("exit code 7")));
    const Subscribers hanging{.commands = {"sleep 600"}, .command_timeout = 50ms};
    EXPECT_THAT(notify(hanging, sample_notification()), ElementsAre(HasSubstr("it was killed")));
}

}  // namespace
}  // namespace faultline::cli
