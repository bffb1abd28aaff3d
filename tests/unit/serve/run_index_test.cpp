// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/run_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reports/serve/pages.hpp"
#include "tests/unit/serve/runs_folder.hpp"

namespace faultline::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using testing::RunsFolder;
using ::testing::SizeIs;
using testing::small_run;

RunIndex index_of(const RunsFolder& folder) {
    RunIndex index(folder.path());
    for (RunEntry& entry : read_run_entries(folder.path(), find_folders(folder.path()).runs))
        index.put(std::move(entry));
    return index;
}

std::vector<std::string> scenarios_of(const std::vector<const RunIndex::Run*>& runs) {
    std::vector<std::string> names;
    for (const RunIndex::Run* run : runs)
        names.push_back(run->entry.scenario);
    return names;
}

TEST(RunIndex, ListsWhatTheRecordsSayNewestFirst) {
    const RunsFolder folder;
    RunRecord older = small_run("older", "aaaaaa");
    older.started = "2026-11-20T10:00:00Z";
    older.parameters = {{"rate", "5/s"}};
    folder.add("a", older);
    folder.add("deep/er/b", small_run("newer", "bbbbbb"));
    const RunIndex index = index_of(folder);
    const auto runs = index.select({});
    EXPECT_THAT(scenarios_of(runs), ElementsAre("newer", "older"));
    const RunEntry& entry = runs.back()->entry;
    EXPECT_EQ(entry.state, RunState::finished);
    EXPECT_EQ(entry.verdict, "pass");
    EXPECT_EQ(entry.exit_code, 0);
    EXPECT_EQ(entry.asked, 22);
    EXPECT_EQ(entry.done, 22);
    EXPECT_EQ(entry.parameters, "rate=5/s");
    EXPECT_EQ(entry.measures.at(*find_listed_measure("recovery_time.p50")), 1380e6);
    EXPECT_EQ(entry.measures.at(*find_listed_measure("success_rate.mean")), 0.721);
    EXPECT_EQ(entry.recovered_k, 20);
    const auto json = nlohmann::json::parse(runs.back()->json);
    EXPECT_EQ(json.at("recovery_time.p50_ns"), 1'380'000'000);
    EXPECT_EQ(json.at("status"), "pass");
}

TEST(RunIndex, ShowsBrokenAndHalfWrittenRunsAsSuch) {
    const RunsFolder folder;
    folder.write("empty/run.json", "");
    folder.write("torn/run.json", R"({"run": "x", "scen)");
    folder.write("future/run.json", R"({"version": 99, "run": "x", "scenario_name": "s"})");
    folder.write("list/run.json", "[1, 2]");
    folder.add("bad-summary", small_run("s", "cccccc"));
    folder.write("bad-summary/summary.json", "{\"verdict\": ");
    { const ResultDirectory killed = folder.begin("killed", small_run("killed", "dddddd")); }
    folder.write("killed/trials.jsonl", "{\"trial\": 1}\n{\"tri");
    const RunIndex index = index_of(folder);
    EXPECT_THAT(index.statuses(), ElementsAre(Pair("broken", 5), Pair("unfinished", 1)));
    RunFilter filter;
    filter.status = "unfinished";
    EXPECT_EQ(index.select(filter).front()->entry.done, 1);
    filter.status = "broken";
    for (const RunIndex::Run* run : index.select(filter))
        EXPECT_FALSE(run->entry.trouble.empty()) << run->entry.place;
    filter.text = "version 99";
    EXPECT_THAT(index.select(filter), SizeIs(1));
}

TEST(RunIndex, FiltersByScenarioVerdictAndWords) {
    const RunsFolder folder;
    folder.add("a", small_run("redis-crash", "aaaaaa"));
    RunRecord failed = sample_failed_run();
    failed.scenario_name = "etcd-crash";
    folder.add("b", failed);
    const RunIndex index = index_of(folder);
    EXPECT_THAT(scenarios_of(index.select({.scenario = "redis-crash"})),
                ElementsAre("redis-crash"));
    EXPECT_THAT(scenarios_of(index.select({.status = "fail"})), ElementsAre("etcd-crash"));
    EXPECT_THAT(scenarios_of(index.select({.text = " CRASH etcd "})), ElementsAre("etcd-crash"));
    EXPECT_THAT(index.select({.scenario = "redis-crash", .status = "fail"}), IsEmpty());
}

TEST(RunIndex, FindsARunByItsIdAndNeverByAPath) {
    const RunsFolder folder;
    folder.add("one", small_run("s", "same42"));
    folder.add("two", small_run("s", "same42"));  // a run of two scenarios, or a copy
    folder.add("three", small_run("s", "other1"));
    const RunIndex index = index_of(folder);
    EXPECT_EQ(index.find("same42"), nullptr) << "two runs begin like that";
    ASSERT_NE(index.find("other1"), nullptr);
    for (const RunIndex::Run* run : index.select({})) {
        EXPECT_EQ(index.find(run->entry.id), run);
        EXPECT_THAT(run->entry.id, Not(HasSubstr("/")));
    }
    for (const std::string id : {"", ".", "..", "one", "../one", "/etc/passwd"})
        EXPECT_EQ(index.find(id), nullptr) << id;
}

TEST(RunIndex, ForgetsWhatIsBelowAFolderAndNothingBesides) {
    const RunsFolder folder;
    for (const char* name : {"a/1", "a/2", "a-b", "b"})
        folder.add(name, small_run("s", "r"));
    RunIndex index = index_of(folder);
    EXPECT_THAT(index.forget(folder.path() / "a"), SizeIs(2));
    EXPECT_EQ(index.size(), 2U);
    EXPECT_EQ(index.select({}).size(), 2U);
}

TEST(FindFolders, FollowsNoLinksAndLooksIntoNoRun) {
    const RunsFolder elsewhere;
    elsewhere.add("secret", small_run("s", "r"));
    const RunsFolder folder;
    folder.add("run", small_run("s", "r"));
    folder.write("run/trials/0001/run.json", "{}");
    std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "link");
    EXPECT_THAT(find_folders(folder.path()).runs, ElementsAre(folder.path() / "run"));
}

TEST(ListPage, IsCompleteWithoutAScriptAndEscapesWhatRunsSay) {
    const RunsFolder folder;
    RunRecord run = small_run("<script>alert(1)</script>", "aaaaaa");
    run.summary->reason = "<img src=x onerror=alert(1)>";
    folder.add("x", run);
    const std::string page =
        list_page(index_of(folder), {.filter = {.text = "\"><script>"}, .page = 1});
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    const std::string all = list_page(index_of(folder), {});
    EXPECT_THAT(all, HasSubstr("&lt;script&gt;alert(1)"));
    EXPECT_THAT(all, HasSubstr("1.38 s"));
    EXPECT_THAT(all, HasSubstr("<th scope=\"row\">"));
    EXPECT_THAT(all, HasSubstr("method=\"get\""));
    const RunIndex index = index_of(folder);
    EXPECT_THAT(trend_page("<b>", index.select({})), Not(HasSubstr("<b>")));
}

TEST(ListPage, ShowsFiftyRunsAtATimeAndLinksToTheOthers) {
    RunIndex index("/runs");
    for (int i = 0; i < 120; ++i) {
        RunEntry entry{.id = "id" + std::to_string(i), .directory = "/runs/" + std::to_string(i)};
        entry.scenario = "s";
        entry.state = RunState::finished;
        entry.verdict = "pass";
        index.put(std::move(entry));
    }
    const auto rows = [](const std::string& page) {
        std::size_t count = 0;
        for (std::size_t at = 0; (at = page.find("<tr><td>", at)) != std::string::npos; ++at)
            ++count;
        return count;
    };
    EXPECT_EQ(rows(list_part(index, {})), 50U);
    EXPECT_EQ(rows(list_part(index, {.page = 3})), 20U);
    EXPECT_EQ(rows(list_part(index, {.page = 99})), 20U) << "the last there is";
    EXPECT_THAT(list_part(index, {.filter = {.scenario = "s"}, .page = 2}),
                HasSubstr("href=\"/?scenario=s&amp;page=3\""));
    EXPECT_THAT(list_part(RunIndex("/runs"), {}), HasSubstr("no runs here yet"));
}

}  // namespace
}  // namespace faultline::reports
