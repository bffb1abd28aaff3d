// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// Every outcome and exit code, seen as a user sees them.

namespace faultline::e2e {
namespace {

using ::testing::HasSubstr;

constexpr const char* kill_primary =
    R"([{"fault": "process.crash", "on": "metronome@primary", "at": "100ms", "jitter": "20ms"}])";
constexpr const char* kill_single =
    R"([{"fault": "process.crash", "on": "metronome", "at": "50ms"}])";

CommandResult run(const Workplace& place,
                  const std::string& scenario,
                  std::vector<std::string> more = {}) {
    place.write("scenario.json", scenario);
    std::vector<std::string> words{"run", "scenario.json", "--out", "out"};
    words.insert(words.end(), more.begin(), more.end());
    return place.faultline(words);
}

std::string all_of(const CommandResult& result) {
    return result.output + result.error_output;
}

TEST(Outcome, PassHasExitCode0AndShowsTheThreeNumbersAndTheEvidence) {
    const Workplace place;
    const auto result = run(
        place,
        pair_scenario(kill_primary,
                      R"(, "expect": ["recovered >= 50%"], "trials": {"count": 2, "control": 1})"));
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
    for (const char* part : {"PASS",
                             "detection time",
                             "recovery time",
                             "success rate",
                             "lost writes",
                             "ended by signal 9",
                             "next"}) {
        EXPECT_THAT(result.output, HasSubstr(part));
    }
    for (const char* file : {"run.json",
                             "trials.jsonl",
                             "summary.json",
                             "report.md",
                             "junit.xml",
                             "metrics.prom",
                             "trials/0001/timeline.jsonl"}) {
        EXPECT_TRUE(std::filesystem::exists(place.folder() / "out" / file)) << file;
    }
}

TEST(Outcome, FailHasExitCode1) {
    const Workplace place;
    const auto result =
        run(place,
            pair_scenario(kill_primary,
                          R"(, "expect": ["recovery_time.max <= 1us"], "trials": {"count": 1})"));
    EXPECT_EQ(result.exit_code, 1) << all_of(result);
    EXPECT_THAT(result.output, HasSubstr("FAIL"));
}

TEST(Outcome, UsageHasExitCode2AndStartsNothing) {
    const Workplace place;
    const auto result = run(place, R"({"name": "x", "targest": {}})");
    EXPECT_EQ(result.exit_code, 2) << all_of(result);
    EXPECT_THAT(result.error_output, HasSubstr("did you mean \"targets\"?"));
    EXPECT_FALSE(std::filesystem::exists(place.folder() / "out"));
    EXPECT_EQ(place.faultline({"run", "--no-such-flag"}).exit_code, 2);
    EXPECT_EQ(place.faultline({}).exit_code, 2);
}

TEST(Outcome, InconclusiveHasExitCode3AndSaysHowManyTrialsWouldDecide) {
    const Workplace place;
    const auto result = run(
        place,
        pair_scenario(kill_primary,
                      R"(, "expect": ["recovery_time.p95 <= 4s @ 95%"], "trials": {"count": 2})"));
    EXPECT_EQ(result.exit_code, 3) << all_of(result);
    EXPECT_THAT(result.output, HasSubstr("59"));
}

TEST(Outcome, UnhealthyHasExitCode4AndQuotesTheLog) {
    const Workplace place;
    const auto result = run(
        place,
        R"({"name": "x", "targets": {"sick": {"command": ["sh", "-c", "echo cannot find my data >&2; exit 3"],
        "ports": ["a"], "ready": {"probe": "tcp", "within": "5s"}}}, "trials": {"count": 1}})");
    EXPECT_EQ(result.exit_code, 4) << all_of(result);
    EXPECT_THAT(all_of(result), HasSubstr("exit code 3"));
    EXPECT_THAT(all_of(result), HasSubstr("cannot find my data"));
}

TEST(Outcome, IneffectiveHasExitCode5WhenASelectorMatchesNothing) {
    const Workplace place;
    const auto result = run(
        place,
        pair_scenario(
            R"([{"fault": "process.crash", "on": "metronome@primary", "id": "first", "at": "50ms"},
        {"fault": "process.crash", "on": "$first", "at": "600ms"}])",
            R"(, "trials": {"count": 1})"));
    EXPECT_EQ(result.exit_code, 5) << all_of(result);
}

TEST(Outcome, IneffectiveHasExitCode5WhenAFaultHasNoEffect) {
    const Workplace place;
    const auto result = run(
        place,
        single_scenario(R"([{"fault": "process.start_failure", "on": "metronome", "at": "50ms"}])",
                        R"(, "trials": {"count": 1})"));
    EXPECT_EQ(result.exit_code, 5) << all_of(result);
}

TEST(Outcome, HarnessErrorHasExitCode6WhenResultsCannotBeWritten) {
    const Workplace place;
    place.write("scenario.json", single_scenario(kill_single, R"(, "trials": {"count": 1})"));
    const auto result = place.faultline({"run", "scenario.json", "--out", "/proc/no/such/place"});
    EXPECT_EQ(result.exit_code, 6) << all_of(result);
    EXPECT_THAT(result.error_output, HasSubstr("/proc/no"));
}

TEST(Outcome, AMaskedFaultHasRecoveryTimeZero) {
    const Workplace place;
    const auto result = run(
        place,
        pair_scenario(
            R"([{"fault": "process.crash", "on": "metronome[1]", "at": "50ms"}])",
            R"(, "expect": ["masked >= 90%", "recovery_time.max <= 0ms"], "trials": {"count": 2})"));
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
}

TEST(Outcome, AServiceThatNeverComesBackIsCensoredNotMissing) {
    const Workplace place;
    const auto result = run(
        place,
        single_scenario(kill_single, R"(, "expect": ["recovered >= 50%"], "trials": {"count": 1})"),
        {"--set", "/recovery/within=1s"});
    EXPECT_EQ(result.exit_code, 1) << all_of(result);
    const auto trials = read_file(place.folder() / "out/trials.jsonl");
    ASSERT_TRUE(trials);
    EXPECT_THAT(*trials, HasSubstr("\"censored\":true"));
}

TEST(Resume, CompletesARunWithExactlyTheAskedTrials) {
    const Workplace place;
    ASSERT_EQ(
        run(place, pair_scenario(kill_primary, R"(, "trials": {"count": 3, "seed": 5})")).exit_code,
        0);
    // As a crash in the middle of the second line would leave it.
    const auto path = place.folder() / "out/trials.jsonl";
    const std::string whole = *read_file(path);
    const std::size_t first_end = whole.find('\n');
    std::ofstream(path, std::ios::trunc) << whole.substr(0, first_end + 1 + 40);
    const auto result = place.faultline({"run", "--resume", "out"});
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
    const std::string resumed = *read_file(path);
    EXPECT_EQ(std::count(resumed.begin(), resumed.end(), '\n'), 3);
    EXPECT_EQ(resumed.substr(0, first_end), whole.substr(0, first_end));
}

TEST(Report, RendersTheSameVerdictAgain) {
    const Workplace place;
    ASSERT_EQ(
        run(place,
            pair_scenario(kill_primary,
                          R"(, "expect": ["recovery_time.max <= 1us"], "trials": {"count": 1})"))
            .exit_code,
        1);
    const auto again = place.faultline({"report", "out", "--format", "markdown"});
    EXPECT_EQ(again.exit_code, 1) << all_of(again);
    EXPECT_EQ(again.output, *read_file(place.folder() / "out/report.md"));
    EXPECT_EQ(place.faultline({"report", "nowhere"}).exit_code, 2);
}

TEST(Seed, GivesTheSameScheduleAgain) {
    const Workplace place;
    const std::string scenario = pair_scenario(kill_primary, R"(, "trials": {"count": 2})");
    ASSERT_EQ(run(place, scenario, {"--seed", "42"}).exit_code, 0);
    const std::string first = *read_file(place.folder() / "out/trials.jsonl");
    std::filesystem::remove_all(place.folder() / "out");
    ASSERT_EQ(run(place, scenario, {"--seed", "42"}).exit_code, 0);
    const std::string second = *read_file(place.folder() / "out/trials.jsonl");
    const auto seeds = [](const std::string& text) {
        const std::size_t at = text.find("\"seed\"");
        return text.substr(at, text.find(',', at) - at);
    };
    EXPECT_EQ(seeds(first), seeds(second));
}

TEST(Jobs, RunTrialsSideBySideWithoutMixingThem) {
    const Workplace place;
    const auto result =
        run(place, pair_scenario(kill_primary, R"(, "trials": {"count": 4})"), {"--jobs", "2"});
    EXPECT_EQ(result.exit_code, 0) << all_of(result);
    const std::string trials = *read_file(place.folder() / "out/trials.jsonl");
    EXPECT_EQ(std::count(trials.begin(), trials.end(), '\n'), 4);
}

}  // namespace
}  // namespace faultline::e2e
