// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/result/result_directory.hpp"
#include "reports/html/assets.hpp"
#include "reports/html/first_screen.hpp"
#include "reports/html/page.hpp"
#include "reports/html/sections.hpp"
#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/reports/sample_timeline.hpp"
#include "tests/unit/result/sample_run.hpp"
#include "tests/unit/result/temporary_folder.hpp"

namespace faultline::reports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// The page without the chart library, which holds addresses in its texts.
std::string own_part(const std::string& page) {
    std::string own = page;
    const std::size_t at = own.find(chart_library());
    if (at != std::string::npos) own.erase(at, chart_library().size());
    return own;
}

nlohmann::json data_of(const std::string& page) {
    const std::string begin = "<script type=\"application/json\" id=\"data\">";
    const std::size_t from = page.find(begin) + begin.size();
    return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(HtmlText, EscapesWhatHtmlTakesForItsOwn) {
    EXPECT_EQ(html_text("a < b && \"c\" > 'd'"),
              "a &lt; b &amp;&amp; &quot;c&quot; &gt; &#39;d&#39;");
    EXPECT_EQ(html_text("süß\nnext"), "süß\nnext");
}

TEST(HtmlPage, IsWholeAndAllowsNothingButWhatIsInline) {
    const std::string page = html_page({.title = "a & b", .content = "<p>c</p>"});
    EXPECT_THAT(page, StartsWith("<!doctype html>\n<html lang=\"en\">"));
    EXPECT_THAT(page, HasSubstr("<title>a &amp; b</title>"));
    EXPECT_THAT(page, HasSubstr("default-src 'none'; script-src 'unsafe-inline'"));
    EXPECT_THAT(page, HasSubstr("<main id=\"main\">\n<p>c</p>\n</main>"));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
}

TEST(HtmlPage, KeepsTheScriptElementClosedAgainstItsData) {
    const std::string page =
        html_page({.title = "t", .content = "", .script = "1;", .data = R"({"a":"</script><b>"})"});
    EXPECT_THAT(page, HasSubstr(R"({"a":"\u003c/script>\u003cb>"})"));
    EXPECT_EQ(data_of(page)["a"], "</script><b>");
}

TEST(HtmlPage, HoldsTheChartLibraryOnlyWhenAskedTo) {
    EXPECT_LT(html_page({.title = "t", .content = ""}).size(), 40'000U);
    EXPECT_GT(html_page({.title = "t", .content = "", .charts = true}).size(), 400'000U);
    EXPECT_EQ(chart_library().find("</script"), std::string_view::npos);
    EXPECT_EQ(report_script().find("</script"), std::string_view::npos);
    EXPECT_EQ(page_style().find("</style"), std::string_view::npos);
}

TEST(HtmlReport, SaysOnTheFirstScreenWhatMatters) {
    const std::string page = first_screen(sample_run());
    for (const char* part : {"PASS",
                             "Detection time",
                             "Recovery time",
                             "Success rate",
                             "95 % interval",
                             "Instrument error:",
                             "process.crash"})
        EXPECT_THAT(page, HasSubstr(part)) << part;
    EXPECT_THAT(plain_sentence(sample_run()), StartsWith("When process.crash hit "));
}

TEST(HtmlReport, NamesNothingOutsideOfItself) {
    const std::string page = own_part(rendered("html", sample_failed_run()));
    for (const char* address : {"http://", "https://", "src=", "@import", "url("})
        EXPECT_THAT(page, Not(HasSubstr(address))) << address;
}

TEST(HtmlReport, ListsCensoredAndInvalidTrialsWithReasons) {
    const std::string section = exceptions(sample_failed_run());
    EXPECT_THAT(section, AllOf(HasSubstr("censored"), HasSubstr("unhealthy")));
    EXPECT_THAT(exceptions(run_without_trials()), HasSubstr("None: "));
}

TEST(HtmlReport, EscapesWhatTheRunSays) {
    RunRecord run = sample_run();
    run.about = "<img src=x onerror=alert(1)>";
    run.machine["cpu"] = "<script>alert(2)</script>";
    run.trials.front().lost_keys = {"<b>key</b>"};
    run.trials.front().stale_keys = {"<i>key</i>"};
    const std::string page = own_part(rendered("html", run));
    EXPECT_THAT(page, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
    EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
    EXPECT_THAT(page, Not(HasSubstr("<script>alert(2)")));
    EXPECT_THAT(page, HasSubstr("<code>&lt;b&gt;key&lt;/b&gt;</code>"));
    EXPECT_THAT(page, HasSubstr("<code>&lt;i&gt;key&lt;/i&gt;</code>"));
}

TEST(HtmlReport, SpeaksOfStaleReadsWhereThereAreSome) {
    EXPECT_THAT(rendered("html", sample_failed_run()),
                AllOf(HasSubstr(" 5 reads were stale."), HasSubstr("<code>key:23</code>")));
    EXPECT_THAT(own_part(rendered("html", sample_run())), Not(HasSubstr("reads were stale")));
}

TEST(HtmlReport, RendersRunsThatNeverFinished) {
    EXPECT_THAT(rendered("html", unfinished_run()), HasSubstr("UNFINISHED"));
    EXPECT_THAT(rendered("html", run_without_trials()),
                HasSubstr("the guardian could not be started"));
    EXPECT_THAT(rendered("html", RunRecord{}), HasSubstr("<main"));
}

TEST(HtmlReport, SaysWhenThereAreNoTimelines) {
    EXPECT_THAT(rendered("html", sample_run()),
                HasSubstr("There are no timelines beside the report"));
}

TEST(HtmlReport, CarriesTheTimelinesThatLieBesideIt) {
    const TemporaryFolder folder;
    RunRecord run = sample_run();
    auto directory = ResultDirectory::create(folder.path() / "run", run);
    ASSERT_TRUE(directory) << directory.error().message;
    ASSERT_TRUE(directory->write_timeline(run.trials.front().trial, sample_timeline()));
    const auto data = data_of(rendered("html", run, {.directory = directory->path()}));
    ASSERT_EQ(data["timelines"].size(), 1U);
    EXPECT_EQ(data["timelines"][0]["ops"], sample_operations);
    EXPECT_EQ(data["timelines"][0]["bad"], sample_bad_operations);
    EXPECT_EQ(data["timelines"][0]["x"].size(), 3 * sample_bad_operations);
    EXPECT_EQ(data["trials"]["number"].size(), run.trials.size());
    EXPECT_GT(data["success"]["at"].size(), 10U);
}

}  // namespace
}  // namespace faultline::reports
