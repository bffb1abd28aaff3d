// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/serve/serve.hpp"
#include "tests/unit/inject/toxiproxy/sockets.hpp"
#include "tests/unit/serve/runs_folder.hpp"

namespace faultline::reports {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Peer;
using testing::RunsFolder;
using testing::small_run;
using ::testing::StartsWith;
using Json = nlohmann::json;

class Served {
  public:
    Served() {
        folder_.add("one", small_run("pair", "aaaaaa"));
        folder_.write("broken/run.json", "{");
        auto server = RunServer::open({.directory = folder_.path(), .judge = [](RunRecord& run) {
                                           run.summary.emplace();
                                           return Result<>();
                                       }});
        FL_CHECK(server.has_value());
        server_ = std::move(*server);
        thread_ = std::thread([this] { server_->run(); });
    }
    ~Served() {
        server_->stop();
        thread_.join();
    }
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    [[nodiscard]] const RunsFolder& folder() const { return folder_; }
    [[nodiscard]] std::string address() const { return server_->address(); }
    [[nodiscard]] Peer connect() const { return Peer::connect(address()); }

    /// The whole answer to a request with these lines after the first.
    [[nodiscard]] std::string ask(const std::string& method,
                                  const std::string& target,
                                  const std::string& more = "") const {
        Peer peer = connect();
        peer.send(fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{}\r\n",
                              method,
                              target,
                              address(),
                              more));
        return peer.receive_all();
    }
    [[nodiscard]] Json json(const std::string& target) const {
        const std::string answer = ask("GET", target);
        EXPECT_THAT(answer, HasSubstr("Content-Type: application/json"));
        return Json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
    }

  private:
    RunsFolder folder_;
    std::unique_ptr<RunServer> server_;
    std::thread thread_;
};

std::string status_of_answer(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
}

TEST(RunServer, AnswersEveryRoute) {
    const Served served;
    const std::string id = served.json("/api/runs?status=pass").at("runs").at(0).at("id");
    struct Step {
        std::string target;
        const char* status;
        const char* contains;
    };
    const std::vector<Step> steps{
        {"/", "200 OK", "<h1>Runs</h1>"},
        {"/?q=pair&page=2", "200 OK", "/runs/"},
        {"/?page=x", "400 Bad Request", "page is a number"},
        {"/runs/" + id, "200 OK", "pair"},
        {"/runs/" + id + "/markdown", "200 OK", "text/plain"},
        {"/runs/" + id + "/otlp?trial=1", "200 OK", "resourceSpans"},
        {"/runs/" + id + "/otlp?trial=77", "404 Not Found", "no trial 77"},
        {"/runs/" + id + "/marcdown", "404 Not Found", "markdown"},
        {"/runs/nobody", "404 Not Found", "No run has this id"},
        {"/runs/..%2f..%2fetc%2fpasswd", "404 Not Found", "No run has this id"},
        {"/runs/../../etc/passwd", "404 Not Found", "Nothing here"},
        {"/trend?scenario=pair", "200 OK", "<svg"},
        {"/trend?scenario=pairs", "404 Not Found", "pair"},
        {"/api/runs/" + id, "200 OK", "\"summary\":{"},
        {"/api/runs/x", "404 Not Found", "error"},
        {"/api/runs?limit=-1", "400 Bad Request", "limit"},
        {"/api/trend?scenario=pair&measure=recovery_time.p95", "200 OK", "\"points\":[{"},
        {"/api/trend?scenario=pair&measure=recovery", "400 Bad Request", "recovery_time"},
        {"/api/nothing", "404 Not Found", "/api/runs"},
        {"/metrics", "200 OK", "faultline_runs{status=\"pass\"} 1"},
        {"/nothing", "404 Not Found", "Nothing here"},
    };
    for (const Step& step : steps) {
        const std::string answer = served.ask("GET", step.target);
        EXPECT_EQ(status_of_answer(answer), fmt::format("HTTP/1.1 {}", step.status)) << step.target;
        EXPECT_THAT(answer, HasSubstr(step.contains)) << step.target;
    }
}

TEST(RunServer, OnlyShowsThings) {
    const Served served;
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
        const std::string answer = served.ask(method, "/", "Content-Length: 3\r\n");
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 405")) << method;
        EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD"));
    }
    EXPECT_THAT(served.ask("GET", "/", "Content-Length: 3\r\n"), StartsWith("HTTP/1.1 413"));
}

TEST(RunServer, AnswersHeadWithTheHeaderAlone) {
    const Served served;
    const std::string head = served.ask("HEAD", "/api/runs");
    const std::string get = served.ask("GET", "/api/runs");
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    EXPECT_EQ(head, get.substr(0, get.find("\r\n\r\n") + 4));
}

TEST(RunServer, KeepsAConnectionAndAnswersRequestsThatCameTogether) {
    const Served served;
    Peer peer = served.connect();
    const std::string request =
        fmt::format("GET /metrics HTTP/1.1\r\nHost: {}\r\n", served.address());
    peer.send(request + "\r\n" + request + "\r\n" + request + "Connection: close\r\n\r\n");
    const std::string answers = peer.receive_all();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = answers.find("# EOF", at)) != std::string::npos; ++at)
        ++count;
    EXPECT_EQ(count, 3U);
}

TEST(RunServer, AnswersNoPageOfAnotherSite) {
    const Served served;
    for (const char* host : {"Host: evil.example\r\n", "Host: evil.example:8470\r\n"}) {
        Peer peer = served.connect();
        peer.send(fmt::format("GET /api/runs HTTP/1.1\r\n{}Connection: close\r\n\r\n", host));
        const std::string answer = peer.receive_all();
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 403"));
        EXPECT_THAT(answer, Not(HasSubstr("aaaaaa")));
    }
    Peer none = served.connect();
    none.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_THAT(none.receive_all(), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(served.ask("GET", "/", "Host: 127.0.0.1\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST(RunServer, RefusesWhatIsNoRequestOrTooLarge) {
    const Served served;
    Peer noise = served.connect();
    noise.send("\x16\x03\x01 nonsense\r\n\r\n");
    EXPECT_THAT(noise.receive_all(), StartsWith("HTTP/1.1 400"));
    EXPECT_THAT(served.ask("GET", "/", "X: " + std::string(32'000, 'x') + "\r\n"),
                StartsWith("HTTP/1.1 431"));
    EXPECT_THAT(served.ask("GET", "/%zz"), StartsWith("HTTP/1.1 400"));
}

TEST(RunServer, TellsFollowersWhatHappens) {
    const Served served;
    Peer peer = served.connect();
    peer.send(fmt::format("GET /events HTTP/1.1\r\nHost: {}\r\n\r\n", served.address()));
    std::string stream;
    const auto read_until = [&](const char* text) {
        while (stream.find(text) == std::string::npos && peer.end() == testing::End::none)
            stream += peer.receive_some();
    };
    read_until("retry:");
    EXPECT_THAT(stream, HasSubstr("Content-Type: text/event-stream"));
    served.folder().add("two", small_run("second", "bbbbbb"));
    read_until("\"scenario\":\"second\"");
    EXPECT_THAT(stream, HasSubstr("event: run-"));
    std::filesystem::remove_all(served.folder().path() / "one");
    read_until("event: run-removed");
    EXPECT_THAT(stream, HasSubstr("event: run-removed"));
}

TEST(RunServer, RendersAReportAgainWhenTheRunHasChanged) {
    const Served served;
    const std::string id = served.json("/api/runs?status=pass").at("runs").at(0).at("id");
    const std::string before = served.ask("GET", "/runs/" + id + "/markdown");
    EXPECT_EQ(before, served.ask("GET", "/runs/" + id + "/markdown"));
    RunRecord changed = small_run("pair", "aaaaaa");
    changed.summary->reason = "something else is true now";
    served.folder().write("one/summary.json", encode_summary(*changed.summary, {}));
    EXPECT_THAT(served.ask("GET", "/runs/" + id + "/markdown"),
                HasSubstr("something else is true now"));
}

TEST(RunServer, ListensOnLoopbackOnly) {
    const RunsFolder folder;
    for (const char* host : {"0.0.0.0", "::", "192.0.2.1", "example.org"}) {
        const auto server = RunServer::open({.directory = folder.path(), .host = host});
        ASSERT_FALSE(server) << host;
        EXPECT_EQ(server.error().code, ErrorCode::invalid);
        EXPECT_THAT(server.error().message, HasSubstr("ssh -L"));
    }
}

}  // namespace
}  // namespace faultline::reports
