// SPDX-License-Identifier: Apache-2.0
#include "harness/result/result_directory.hpp"

#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/result/sample_run.hpp"
#include "tests/unit/result/temporary_folder.hpp"

namespace faultline {
namespace {

using testing::AllOf;
using testing::HasSubstr;

template <class T>
std::string message_of(const Result<T>& result) {
    return result ? std::string("no error") : result.error().message;
}

void append(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path, std::ios::app) << text;
}

/// The tests of permissions mean nothing to root, who may write everywhere.
bool root() {
    return ::geteuid() == 0;
}

class ResultDirectoryTest : public testing::Test {
  protected:
    TemporaryFolder folder_;
    std::filesystem::path path_ = folder_.path() / "results" / "run-1";
};

TEST_F(ResultDirectoryTest, GivesARunBack) {
    const RunRecord run = sample_failed_run();
    {
        auto directory = ResultDirectory::create(path_, run);
        ASSERT_TRUE(directory) << message_of(directory);
        for (const TrialRecord& trial : run.trials)
            ASSERT_TRUE(directory->append_trial(trial));
        const auto unfinished = read_run(path_);
        ASSERT_TRUE(unfinished) << message_of(unfinished);
        EXPECT_EQ(unfinished->summary, std::nullopt);
        ASSERT_TRUE(directory->write_summary(*run.summary, run.instrument));
        ASSERT_TRUE(directory->write_report("report.md", "# report\n"));
    }
    const auto back = read_run(path_);
    ASSERT_TRUE(back) << message_of(back);
    EXPECT_EQ(encode_manifest(*back), encode_manifest(run));
    ASSERT_EQ(back->trials.size(), run.trials.size());
    for (std::size_t index = 0; index < run.trials.size(); ++index) {
        EXPECT_EQ(encode_trial(back->trials[index]),
                  encode_trial(*decode_trial(encode_trial(run.trials[index]))));
    }
    ASSERT_TRUE(back->summary);
    EXPECT_EQ(back->summary->outcome, RunOutcome::fail);
    EXPECT_EQ(*read_file(path_ / "report.md"), "# report\n");
}

TEST_F(ResultDirectoryTest, RefusesAFolderThatHoldsARun) {
    ASSERT_TRUE(ResultDirectory::create(path_, sample_run()));
    const auto again = ResultDirectory::create(path_, sample_run());
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::exists);
    EXPECT_THAT(again.error().message, AllOf(HasSubstr(path_.string()), HasSubstr("--resume")));
}

TEST_F(ResultDirectoryTest, CutsATornLastLineOnResume) {
    {
        auto directory = ResultDirectory::create(path_, sample_run());
        ASSERT_TRUE(directory->append_trial(sample_trial(1)));
    }
    append(path_ / "trials.jsonl", encode_trial(sample_trial(2)).substr(0, 40));
    EXPECT_EQ(read_run(path_)->trials.size(), 1U) << "reading leaves a torn line out";

    auto directory = ResultDirectory::resume(path_);
    ASSERT_TRUE(directory) << message_of(directory);
    ASSERT_TRUE(directory->append_trial(sample_trial(2)));
    const auto run = read_run(path_);
    ASSERT_TRUE(run) << message_of(run);
    ASSERT_EQ(run->trials.size(), 2U);
    EXPECT_EQ(run->trials[1].trial, 2);
}

TEST_F(ResultDirectoryTest, ResumesWithNothingButATornLine) {
    { ASSERT_TRUE(ResultDirectory::create(path_, sample_run())); }
    append(path_ / "trials.jsonl", "{\"version\": 1, \"tri");
    ASSERT_TRUE(ResultDirectory::resume(path_));
    EXPECT_EQ(*read_file(path_ / "trials.jsonl"), "");
}

TEST_F(ResultDirectoryTest, ResumesARunThatWasKilledBeforeItsFirstTrial) {
    { ASSERT_TRUE(ResultDirectory::create(path_, sample_run())); }
    std::filesystem::remove(path_ / "trials.jsonl");
    EXPECT_TRUE(read_run(path_)->trials.empty());
    auto directory = ResultDirectory::resume(path_);
    ASSERT_TRUE(directory) << message_of(directory);
    EXPECT_TRUE(directory->append_trial(sample_trial(1)));
}

TEST_F(ResultDirectoryTest, ResumesOnlyTheSameScenarioAndSeed) {
    const RunRecord run = sample_run();
    { ASSERT_TRUE(ResultDirectory::create(path_, run)); }
    EXPECT_TRUE(ResultDirectory::resume(path_, run));
    RunRecord other = run;
    other.scenario_name = "another";
    EXPECT_THAT(message_of(ResultDirectory::resume(path_, other)), HasSubstr("\"another\""));
    other = run;
    other.scenario_json = R"({"name": "sentinel-primary-crash", "trials": {"count": 21}})";
    EXPECT_THAT(message_of(ResultDirectory::resume(path_, other)), HasSubstr("has changed since"));
    other = run;
    other.seed = 5;
    EXPECT_THAT(message_of(ResultDirectory::resume(path_, other)), HasSubstr("not 5"));
    other = run;
    other.scenario_json = R"({"name":"sentinel-primary-crash","trials":{"count":20}})";
    EXPECT_TRUE(ResultDirectory::resume(path_, other)) << "blanks are no difference";
}

TEST_F(ResultDirectoryTest, IsUsedByOneFaultlineAtATime) {
    auto directory = ResultDirectory::create(path_, sample_run());
    ASSERT_TRUE(directory);
    const pid_t other = ::fork();  // a record lock does not hold against its own process
    ASSERT_GE(other, 0);
    if (other == 0) {
        const auto second = ResultDirectory::resume(path_);
        ::_exit(!second && second.error().message.find("in use") != std::string::npos ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(other, &status, 0), other);
    EXPECT_EQ(status, 0);
}

TEST_F(ResultDirectoryTest, SortsTrialsThatRanSideBySide) {
    auto directory = ResultDirectory::create(path_, sample_run());
    for (const int number : {3, 1, 2})
        ASSERT_TRUE(directory->append_trial(sample_trial(number)));
    const auto run = read_run(path_);
    ASSERT_EQ(run->trials.size(), 3U);
    for (int index = 0; index < 3; ++index) {
        EXPECT_EQ(run->trials[static_cast<std::size_t>(index)].trial, index + 1);
    }
}

TEST_F(ResultDirectoryTest, NamesTheLineThatDoesNotParse) {
    {
        auto directory = ResultDirectory::create(path_, sample_run());
        ASSERT_TRUE(directory->append_trial(sample_trial(1)));
    }
    append(path_ / "trials.jsonl", "not a trial\n");
    EXPECT_THAT(message_of(read_run(path_)),
                AllOf(HasSubstr((path_ / "trials.jsonl").string() + ":2:"), HasSubstr("not JSON")));
}

TEST_F(ResultDirectoryTest, RefusesAnotherVersion) {
    { ASSERT_TRUE(ResultDirectory::create(path_, sample_run())); }
    std::string manifest = *read_file(path_ / "run.json");
    manifest.replace(manifest.find("\"version\": 1"), 12, "\"version\": 2");
    ASSERT_TRUE(write_file(path_ / "run.json", manifest));
    for (const std::string& message :
         {message_of(read_run(path_)), message_of(ResultDirectory::resume(path_))}) {
        EXPECT_THAT(message,
                    HasSubstr("run.json: written by record version 2; this faultline reads 1"));
    }
}

TEST_F(ResultDirectoryTest, SaysThatAFolderIsNoRunAndWhereOnesAre) {
    EXPECT_THAT(message_of(read_run(path_)), HasSubstr("is not a result directory"));
    ASSERT_TRUE(ResultDirectory::create(path_, sample_run()));
    EXPECT_THAT(
        message_of(read_run(path_.parent_path())),
        AllOf(HasSubstr("is not a result directory"), HasSubstr("it holds " + path_.string())));
}

TEST_F(ResultDirectoryTest, SaysThatTheDiskIsFullAndLeavesNoHalfLine) {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
    std::filesystem::create_directories(path_);
    std::filesystem::create_symlink("/dev/full", path_ / "trials.jsonl");
    auto directory = ResultDirectory::create(path_, sample_run());
    ASSERT_TRUE(directory) << message_of(directory);
    const auto appended = directory->append_trial(sample_trial(4));
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code, ErrorCode::no_space);
    EXPECT_THAT(appended.error().message,
                AllOf(HasSubstr("trial 4"),
                      HasSubstr((path_ / "trials.jsonl").string()),
                      HasSubstr("free space")));
}

TEST_F(ResultDirectoryTest, SaysThatItMayNotWrite) {
    if (root()) GTEST_SKIP() << "root may write everywhere";
    std::filesystem::create_directories(path_.parent_path());
    std::filesystem::permissions(
        path_.parent_path(),
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    const auto directory = ResultDirectory::create(path_, sample_run());
    std::filesystem::permissions(path_.parent_path(), std::filesystem::perms::owner_all);
    ASSERT_FALSE(directory);
    EXPECT_EQ(directory.error().code, ErrorCode::permission);
    EXPECT_THAT(directory.error().message, HasSubstr("--out"));
}

TEST_F(ResultDirectoryTest, GivesATimelineBack) {
    Timeline timeline;
    timeline.load_start = instant_of(1'000);
    timeline.steady = instant_of(2'000);
    timeline.end = instant_of(9'000);
    timeline.redundant = instant_of(8'000);
    timeline.operation_kinds = {"set", "get"};
    timeline.operations.push_back(
        {.intended_ns = 1'100, .end_ns = 1'200, .key = 5, .outcome = Outcome::ok});
    timeline.injections = {sample_trial(1).injections[0].injection};
    Event event{.at = instant_of(3'000),
                .seen = instant_of(3'050),
                .source = EventSource::log,
                .name = "sdown"};
    event.instance = "sentinel[1]";
    event.fields = {{"about", "redis[0] \x02\xff"}};
    event.signal = 0;
    timeline.events = {event,
                       {.at = instant_of(4'000), .seen = instant_of(4'000), .name = "clear"}};

    const auto directory = ResultDirectory::create(path_, sample_run());
    auto writable = ResultDirectory::resume(path_);
    ASSERT_TRUE(writable) << message_of(writable);
    const auto written = writable->write_timeline(7, timeline);
    ASSERT_TRUE(written) << message_of(written);
    EXPECT_EQ(writable->trial_folder(7), path_ / "trials" / "0007");
    const auto back = read_timeline(writable->trial_folder(7));
    ASSERT_TRUE(back) << message_of(back);
    EXPECT_EQ(back->steady, timeline.steady);
    EXPECT_EQ(back->redundant, timeline.redundant);
    EXPECT_EQ(back->operation_kinds, timeline.operation_kinds);
    ASSERT_EQ(back->operations.size(), 1U);
    EXPECT_EQ(back->operations[0].key, 5U);
    ASSERT_EQ(back->injections.size(), 1U);
    EXPECT_EQ(back->injections[0].evidence, timeline.injections[0].evidence);
    ASSERT_EQ(back->events.size(), 2U);
    EXPECT_EQ(back->events[0].source, EventSource::log);
    EXPECT_EQ(back->events[0].seen, event.seen);
    EXPECT_EQ(back->events[0].signal, 0);
    EXPECT_EQ(back->events[1].signal, -1);
}

TEST_F(ResultDirectoryTest, NamesTheTimelineLineThatDoesNotParse) {
    auto directory = ResultDirectory::create(path_, sample_run());
    ASSERT_TRUE(directory->write_timeline(1, {}));
    append(directory->trial_folder(1) / "timeline.jsonl",
           "{\"line\": \"event\", \"name\": \"x\"}\n");
    EXPECT_THAT(message_of(read_timeline(directory->trial_folder(1))),
                AllOf(HasSubstr("timeline.jsonl: line 2"), HasSubstr("\"at_ns\" is missing")));
}

}  // namespace
}  // namespace faultline
