// SPDX-License-Identifier: Apache-2.0
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

// Who asked to be told of a verdict is told, and whoever cannot be told changes nothing.

namespace faultline::e2e {
namespace {

using testing::End;
using ::testing::HasSubstr;
using testing::Peer;
using testing::TestServer;
using Json = nlohmann::json;

TEST(NotifyProgram, TellsWebhooksAndCommandsTheVerdict) {
    const Workplace place;
    std::mutex mutex;
    std::string body;
    const TestServer server([&](Peer& peer) {
        std::string text;
        // The JSON is one line and ends with its command's list.
        while (!text.ends_with("]}") && peer.end() == End::none)
            text += peer.receive_some();
        const std::lock_guard lock(mutex);
        body = text.substr(text.find("\r\n\r\n") + 4);
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    place.write(
        "pair.json",
        pair_scenario(R"([{"fault": "process.crash", "on": "metronome@primary", "at": "100ms"}])",
                      R"(, "expect": ["recovery_time.p50 <= 1ms"], "trials": {"count": 1})"));
    const auto run = place.faultline({"run",
                                      "pair.json",
                                      "--out",
                                      "r",
                                      "--format",
                                      "none",
                                      "--notify-webhook",
                                      "http://" + server.address() + "/hook",
                                      "--notify-webhook",
                                      "http://127.0.0.1:1/nobody",
                                      "--notify-command",
                                      "cat > told.json; echo \"$FAULTLINE_VERDICT\" > verdict",
                                      "--notify-command",
                                      "exit 3"});
    EXPECT_EQ(run.exit_code, 1) << run.output << run.error_output;
    const std::lock_guard lock(mutex);
    const Json posted = Json::parse(body);
    EXPECT_EQ(posted.at("verdict"), "fail");
    EXPECT_EQ(posted.at("exit_code"), 1);
    EXPECT_EQ(posted.at("scenario"), "pair");
    EXPECT_EQ(posted.at("directory"), "r");
    const auto told = read_file(place.folder() / "told.json");
    ASSERT_TRUE(told);
    EXPECT_EQ(Json::parse(*told), posted);
    EXPECT_EQ(read_file(place.folder() / "verdict").value_or(""), "fail\n");
    EXPECT_THAT(run.error_output, HasSubstr("not notified: webhook http://127.0.0.1:1/nobody"));
    EXPECT_THAT(run.error_output, HasSubstr("not notified: command \"exit 3\": exit code 3"));
}

TEST(NotifyProgram, RefusesAWebhookItCannotReachBeforeAnythingStarts) {
    const Workplace place;
    place.write("single.json", single_scenario("[]"));
    const auto run = place.faultline(
        {"run", "single.json", "--out", "r", "--notify-webhook", "ftp://example.org/hook"});
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_THAT(run.error_output, HasSubstr("a webhook is a URL such as https://host/path"));
    EXPECT_FALSE(std::filesystem::exists(place.folder() / "r"));
}

}  // namespace
}  // namespace faultline::e2e
