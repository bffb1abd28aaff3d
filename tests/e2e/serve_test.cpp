// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/faultline_program.hpp"
#include "tests/e2e/proxy_program.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"

// `faultline serve` and `faultline run --metrics-port` as their users meet them.

namespace faultline::e2e {
namespace {

using testing::End;
using ::testing::HasSubstr;
using testing::Peer;
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr const char* crash =
    R"([{"fault": "process.crash", "on": "metronome@primary", "at": "100ms"}])";

TEST(ServeProgram, ShowsARunWhileItGoesAndAfterwards) {
    const Workplace place;
    const auto results = place.folder() / "results";
    std::filesystem::create_directories(results);
    ProxyProgram server({.words = {results.string()}, .start = {"serve", "--port", "0"}});
    ASSERT_NE(server.address(), "") << server.first_line();
    EXPECT_THAT(http(server.address(), "GET", "/").body, HasSubstr("no runs here yet"));
    Peer events = Peer::connect(server.address());
    events.send(fmt::format("GET /events HTTP/1.1\r\nHost: {}\r\n\r\n", server.address()));

    place.write("pair.json", pair_scenario(crash, R"(, "trials": {"count": 2})"));
    const auto run =
        place.faultline({"run", "pair.json", "--out", "results/r", "--format", "none"});
    ASSERT_EQ(run.exit_code, 0) << run.output << run.error_output;
    std::string stream;
    while (stream.find("event: run-finished") == std::string::npos && events.end() == End::none)
        stream += events.receive_some();
    EXPECT_THAT(stream, HasSubstr("event: run-started"));
    EXPECT_THAT(stream, HasSubstr("event: trial-done"));
    EXPECT_THAT(stream, HasSubstr("\"done\":2,\"asked\":2"));

    const Json list = Json::parse(http(server.address(), "GET", "/api/runs").body);
    ASSERT_EQ(list.at("total"), 1);
    EXPECT_EQ(list.at("runs").at(0).at("status"), "pass");
    const std::string id = list.at("runs").at(0).at("id");
    EXPECT_THAT(http(server.address(), "GET", "/?status=pass&q=PAIR").body,
                HasSubstr("/runs/" + id));
    EXPECT_THAT(http(server.address(), "GET", "/runs/" + id).body, StartsWith("<!doctype html>"));
    const Json trace = Json::parse(http(server.address(), "GET", "/runs/" + id + "/otlp").body);
    EXPECT_FALSE(trace.at("resourceSpans").empty());
    EXPECT_EQ(server.stop(SIGTERM), 0);
}

TEST(ServeProgram, SaysWhatItCannotServe) {
    const Workplace place;
    const auto missing = place.faultline({"serve", "nowhere", "--port", "0"});
    EXPECT_EQ(missing.exit_code, 2);
    EXPECT_THAT(missing.error_output, HasSubstr("no such folder"));
    const auto open = place.faultline({"serve", ".", "--host", "0.0.0.0"});
    EXPECT_EQ(open.exit_code, 2);
    EXPECT_THAT(open.error_output, HasSubstr("not a loopback address"));
}

TEST(RunProgram, ServesItsFiguresWhileItGoes) {
    const Workplace place;
    const auto file =
        place.write("pair.json", pair_scenario(crash, R"(, "trials": {"count": 500})"));
    ProxyProgram run({.words = {"--out", (place.folder() / "r").string(), "--format", "none"},
                      .before = {"env", "FAULTLINE_STORE=none"},
                      .start = {"run", file.string(), "--metrics-port", "0"}});
    ASSERT_NE(run.address(), "") << run.first_line();
    HttpReply reply;
    ASSERT_TRUE(testing::eventually([&] {
        reply = http(run.address(), "GET", "/metrics");
        return reply.body.find("faultline_trials_done_total") != std::string::npos;
    })) << reply.body;
    EXPECT_THAT(reply.headers["content-type"],
                StartsWith("application/openmetrics-text; version=1.0.0"));
    EXPECT_THAT(reply.body, HasSubstr("faultline_trials_asked{scenario=\"pair\"} 500"));
    EXPECT_THAT(reply.body, HasSubstr("faultline_trial_recovery_time_seconds_bucket"));
    EXPECT_TRUE(reply.body.ends_with("# EOF\n"));
    EXPECT_EQ(run.stop(SIGTERM), 130);
}

TEST(ReportProgram, PrintsATraceOfTheTrialThatIsAskedFor) {
    const Workplace place;
    place.write(
        "single.json",
        single_scenario(
            R"([{"fault": "process.hang", "on": "metronome", "at": "100ms", "for": "100ms"}])",
            R"(, "trials": {"count": 1})"));
    const auto run = place.faultline({"run", "single.json", "--out", "r", "--format", "none"});
    ASSERT_TRUE(run.exit_code) << run.error_output;
    const auto otlp = place.faultline({"report", "r", "--format", "otlp", "--trial", "1"});
    const Json spans = Json::parse(otlp.output).at("resourceSpans");
    EXPECT_EQ(spans.at(0).at("scopeSpans").at(0).at("spans").at(0).at("name"), "trial 1");
    const auto chrome = place.faultline({"report", "r", "--format", "chrome-trace"});
    EXPECT_GT(Json::parse(chrome.output).at("traceEvents").size(), 10U);
    const auto absent = place.faultline({"report", "r", "--format", "otlp", "--trial", "9"});
    EXPECT_EQ(absent.exit_code, 2);
    EXPECT_THAT(absent.error_output, HasSubstr("no trial 9"));
    const auto whole = place.faultline({"report", "r", "--format", "markdown", "--trial", "1"});
    EXPECT_EQ(whole.exit_code, 2);
    EXPECT_THAT(whole.error_output, HasSubstr("chrome-trace or otlp"));
}

}  // namespace
}  // namespace faultline::e2e
