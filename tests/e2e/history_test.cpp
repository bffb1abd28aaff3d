// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// Runs as they are remembered, listed and followed over time.

namespace faultline::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kill_primary =
    R"([{"fault": "process.crash", "on": "metronome@primary", "at": "50ms"}])";
constexpr const char* one_trial = R"(, "trials": {"count": 1})";

std::string said(const CommandResult& result) {
    return result.output + result.error_output;
}

/// Two runs in results/a and results/b, remembered nowhere.
void make_two_runs(const Workplace& place) {
    place.write("pair.json", pair_scenario(kill_primary, one_trial));
    for (const char* out : {"results/a", "results/b"}) {
        const auto made = place.faultline({"run", "pair.json", "--out", out, "--format", "none"});
        ASSERT_TRUE(std::filesystem::exists(place.folder() / out / "summary.json")) << said(made);
    }
}

/// The id in the first row of the list.
std::string newest_id(const Workplace& place) {
    const auto listed = place.faultline({"history"}, {{"FAULTLINE_STORE", "h.sqlite"}});
    const std::size_t row = listed.output.find('\n') + 1;
    return listed.output.substr(row, listed.output.find(' ', row) - row);
}

TEST(History, RemembersARunWithoutBeingAsked) {
    const Workplace place;
    place.write("pair.json", pair_scenario(kill_primary, one_trial));
    // An empty variable is none at all.
    const std::map<std::string, std::string> usual{{"FAULTLINE_STORE", ""}};
    const auto made = place.faultline({"run", "pair.json", "--out", "elsewhere"}, usual);
    EXPECT_TRUE(std::filesystem::exists(place.folder() / "results/history.sqlite")) << said(made);
    const auto listed = place.faultline({"history"}, usual);
    EXPECT_EQ(listed.exit_code, 0) << said(listed);
    EXPECT_THAT(listed.output, AllOf(HasSubstr("pair"), HasSubstr("faultline report")));
    EXPECT_THAT(place.faultline({"history", "--format", "markdown"}, usual).output,
                HasSubstr("| pair |"));
    EXPECT_THAT(place.faultline({"history", "pair", "--format", "json"}, usual).output,
                HasSubstr("\"scenario\": \"pair\""));
}

TEST(History, IsNotWrittenWhenTheStoreIsNone) {
    const Workplace place;
    place.write("pair.json", pair_scenario(kill_primary, one_trial));
    const auto made = place.faultline({"run", "pair.json", "--out", "out", "--store", "none"},
                                      {{"FAULTLINE_STORE", ""}});
    EXPECT_FALSE(std::filesystem::exists(place.folder() / "results")) << said(made);
    EXPECT_THAT(place.faultline({"history"}).error_output, HasSubstr("--store"));
}

TEST(History, ThatCannotBeWrittenIsAWarningAndNoFailedRun) {
    const Workplace place;
    place.write("pair.json", pair_scenario(kill_primary, one_trial));
    place.write("file", "not a folder");
    const auto remembered = place.faultline({"run", "pair.json", "--out", "a", "--store", "none"});
    const auto result =
        place.faultline({"run", "pair.json", "--out", "b", "--store", "file/h.sqlite"});
    EXPECT_EQ(result.exit_code, remembered.exit_code) << said(result);
    EXPECT_THAT(result.error_output,
                AllOf(HasSubstr("warning: the run is not remembered"),
                      HasSubstr("faultline history import b")));
}

TEST(History, IsMadeAgainFromResultDirectories) {
    const Workplace place;
    make_two_runs(place);
    place.write("results/c/run.json", "{\"version\": 1}");
    const auto first = place.faultline({"history", "import", "results", "--store", "h.sqlite"});
    EXPECT_EQ(first.exit_code, 0) << said(first);
    EXPECT_THAT(first.output, HasSubstr("2 runs taken, 2 of them new; 1 skipped"));
    EXPECT_THAT(first.error_output, HasSubstr("skipped results/c: "));
    const auto again = place.faultline({"history", "--store", "h.sqlite", "import", "results/a"});
    EXPECT_THAT(again.output, HasSubstr("1 runs taken, 0 of them new; 0 skipped")) << said(again);
    std::filesystem::remove_all(place.folder() / "results/a");
    const auto rebuilt =
        place.faultline({"history", "import", "results", "--rebuild", "--store", "h.sqlite"});
    EXPECT_THAT(rebuilt.output, HasSubstr("1 runs taken, 1 of them new")) << said(rebuilt);
    const auto nothing = place.faultline(
        {"history", "import", "results/c/run.json", "--rebuild", "--store", "h.sqlite"});
    EXPECT_EQ(nothing.exit_code, 2);
    EXPECT_THAT(said(place.faultline({"history", "piar", "--store", "h.sqlite"})),
                HasSubstr("did you mean \"pair\"?"));
}

TEST(History, ServesReportsOfRunsWhoseDirectoryIsGone) {
    const Workplace place;
    const std::map<std::string, std::string> store{{"FAULTLINE_STORE", "h.sqlite"}};
    make_two_runs(place);
    ASSERT_EQ(place.faultline({"history", "import", "results"}, store).exit_code, 0);
    const std::string id = newest_id(place);
    const auto with = place.faultline({"report", id, "--format", "json"}, store);
    EXPECT_THAT(with.output, HasSubstr("\"recovery_time\"")) << said(with);
    std::filesystem::remove_all(place.folder() / "results");
    const auto without = place.faultline({"report", id, "--format", "json"}, store);
    EXPECT_EQ(without.output, with.output);
    EXPECT_EQ(without.exit_code, with.exit_code);
    EXPECT_THAT(said(place.faultline({"report", id, "--write"}, store)), HasSubstr("is gone"));
    EXPECT_THAT(said(place.faultline({"report", "results/nowhere"}, store)),
                AllOf(HasSubstr("there is no result directory results/nowhere"),
                      HasSubstr("no run in the store")));
}

TEST(Trend, ShowsAMeasureFromRunToRun) {
    const Workplace place;
    const std::map<std::string, std::string> store{{"FAULTLINE_STORE", "h.sqlite"}};
    make_two_runs(place);
    ASSERT_EQ(place.faultline({"history", "import", "results"}, store).exit_code, 0);
    const auto shown = place.faultline({"trend", "pair", "--measure", "detection_time"}, store);
    EXPECT_EQ(shown.exit_code, 0) << said(shown);
    EXPECT_THAT(
        shown.output,
        AllOf(HasSubstr("detection_time.p50"), HasSubstr(" %"), HasSubstr("faultline compare")));
    const auto json = place.faultline(
        {"trend", "pair", "--measure", "success_rate.mean", "--format", "json"}, store);
    EXPECT_THAT(json.output, AllOf(HasSubstr("\"unit\": \"share\""), HasSubstr("\"change\": ")));
    EXPECT_THAT(
        place
            .faultline({"trend", "pair", "--format", "markdown", "--measure", "detection_time.max"},
                       store)
            .output,
        HasSubstr("### pair"));
    const auto unknown =
        place.faultline({"trend", "pair", "--measure", "detecton_time.p50"}, store);
    EXPECT_EQ(unknown.exit_code, 2);
    EXPECT_THAT(unknown.error_output, HasSubstr("did you mean \"detection_time.p50\"?"));
    EXPECT_THAT(said(place.faultline({"trend", "piar"}, store)),
                HasSubstr("did you mean \"pair\"?"));
}

}  // namespace
}  // namespace faultline::e2e
