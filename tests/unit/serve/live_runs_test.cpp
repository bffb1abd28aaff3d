// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/live_runs.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/command.hpp"
#include "harness/base/time.hpp"
#include "tests/unit/serve/runs_folder.hpp"

namespace faultline::reports {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::RunsFolder;
using testing::small_run;
using Json = nlohmann::json;

LiveRuns open(const RunsFolder& folder) {
    auto runs = LiveRuns::open(folder.path());
    FL_CHECK(runs.has_value());
    return std::move(*runs);
}

/// What has happened, up to the event that is waited for.
std::vector<RunNews> news_until(LiveRuns& runs, const std::string& event) {
    const Instant deadline = now() + std::chrono::minutes(1);
    std::vector<RunNews> all;
    while (now() < deadline) {
        for (RunNews& news : runs.catch_up())
            all.push_back(std::move(news));
        if (!all.empty() && all.back().event == event) return all;
        pollfd readable{runs.fd(), POLLIN, 0};
        ::poll(&readable, 1, 1000);
    }
    ADD_FAILURE() << "no " << event;
    return all;
}

/// A run that another process makes: the lock that says so is not seen by the process that has it.
/// It goes on with each line on its standard input.
class OtherProcess {
  public:
    explicit OtherProcess(const std::function<void(int step)>& act) {
        int ends[2];
        FL_CHECK(::pipe(ends) == 0);
        go_ = UniqueFd(ends[1]);
        const UniqueFd wait(ends[0]);
        pid_ = ::fork();
        FL_CHECK(pid_ >= 0);
        if (pid_ > 0) return;
        go_.reset();
        char letter = 0;
        for (int step = 0; ::read(wait.get(), &letter, 1) == 1; ++step)
            act(step);
        ::_exit(0);
    }
    ~OtherProcess() {
        go_.reset();
        ::waitpid(pid_, nullptr, 0);
    }
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;
    void go_on() { FL_CHECK(::write(go_.get(), "\n", 1) == 1); }

  private:
    pid_t pid_ = -1;
    UniqueFd go_;
};

TEST(LiveRuns, FollowARunFromItsStartThroughItsTrialsToItsEnd) {
    const RunsFolder folder;
    LiveRuns runs = open(folder);
    const RunRecord run = small_run("pair", "aaaaaa");
    std::optional<ResultDirectory> directory;
    OtherProcess other([&](int step) {
        if (step == 0) directory.emplace(folder.begin("new/deep/run", run));
        if (step == 1) FL_CHECK(directory->append_trial(run.trials[0]).has_value());
        if (step == 2) {
            FL_CHECK(directory->write_summary(*run.summary, run.instrument).has_value());
            directory.reset();
        }
    });
    other.go_on();
    const auto started = news_until(runs, "run-started");
    const Json start = Json::parse(started.back().data);
    EXPECT_EQ(start.at("run").at("state"), "under way");
    EXPECT_EQ(start.at("run").at("scenario"), "pair");
    other.go_on();
    const Json trial = Json::parse(news_until(runs, "trial-done").back().data);
    EXPECT_EQ(trial.at("trial").at("done"), 1);
    EXPECT_EQ(trial.at("trial").at("asked"), 22);
    EXPECT_EQ(trial.at("trial").at("outcome"), "pass");
    EXPECT_EQ(trial.at("trial").at("detection_time_ns"), 1'041'000'000);
    EXPECT_EQ(trial.at("trial").at("recovery_time_ns"), 1'371'000'000);
    EXPECT_EQ(trial.at("trial").at("success_rate"), 0.721);
    EXPECT_THAT(trial.at("run").at("last_trial").get<std::string>(), HasSubstr("recovered 1.37 s"));
    other.go_on();
    const Json end = Json::parse(news_until(runs, "run-finished").back().data);
    EXPECT_EQ(end.at("run").at("status"), "pass");
    EXPECT_EQ(runs.index().size(), 1U);
}

TEST(LiveRuns, SeeWhenWhoMadeARunWasKilled) {
    const RunsFolder folder;
    LiveRuns runs = open(folder);
    {
        std::optional<ResultDirectory> directory;
        OtherProcess other(
            [&](int) { directory.emplace(folder.begin("r", small_run("s", "bbbbbb"))); });
        other.go_on();
        news_until(runs, "run-started");
    }
    const Json end = Json::parse(news_until(runs, "run-finished").back().data);
    EXPECT_EQ(end.at("run").at("status"), "unfinished");
}

TEST(LiveRuns, ForgetARunThatIsRemoved) {
    const RunsFolder folder;
    folder.add("group/one", small_run("s", "cccccc"));
    folder.add("two", small_run("s", "dddddd"));
    LiveRuns runs = open(folder);
    ASSERT_EQ(runs.index().size(), 2U);
    std::filesystem::rename(folder.path() / "group", folder.path().string() + "-moved");
    news_until(runs, "run-removed");
    EXPECT_EQ(runs.index().size(), 1U);
    std::filesystem::remove_all(folder.path().string() + "-moved");
    std::filesystem::remove_all(folder.path() / "two");
    news_until(runs, "run-removed");
    EXPECT_EQ(runs.index().size(), 0U);
}

TEST(LiveRuns, SayWhichFolderIsNotThere) {
    const auto runs = LiveRuns::open("/nowhere/at/all");
    ASSERT_FALSE(runs);
    EXPECT_EQ(runs.error().code, ErrorCode::not_found);
    EXPECT_THAT(runs.error().message, HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace faultline::reports
