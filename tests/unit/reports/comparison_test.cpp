// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/table.hpp"
#include "tests/unit/reports/comparison_sample.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

ComparisonReport undecided_comparison() {
    ComparisonReport report = sample_comparison();
    report.comparison.change = Change::inconclusive;
    report.comparison.reason = "nothing is shown to be worse, but second.recovered is not decided";
    report.comparison.measures = {report.comparison.measures[3]};
    return report;
}

ComparisonReport unlike_comparison() {
    ComparisonReport report = sample_comparison();
    report.mismatches.insert(report.mismatches.begin(), {"cpu", "Xeon | <i>", "Epyc", true});
    return report;
}

TEST(TerminalComparison, ShowsARowAMeasure) {
    EXPECT_EQ(rendered_comparison("terminal", sample_comparison()),
              R"(WORSE  sentinel-primary-crash
  base   results/a: 20 trials, 2026-11-21T10:15:00Z, faultline 0.1.0
  head   results/b: 18 trials (2 more left out), 2026-11-22T10:15:00Z, faultline 0.2.0

                        base    head     shift  interval        verdict       trials
  detection time      1.05 s  1.06 s   +0.40 %  [-1.0, +1.8]    same          20 / 18
  recovery time       1.38 s  1.66 s   +20.0 %  [+15.0, open)   WORSE         20 / 18 (0 / 1
                                                                              censored)
  success rate        72.1 %  86.1 %  +14.0 pp  [+12.0, +16.1]  BETTER        20 / 18
  second: recovered  100.0 %  94.4 %   -5.6 pp  [-25.8, +11.2]  inconclusive  20 / 18; ~145 a side
                                                                              would tell
  lost writes              0      12     +0.60                  WORSE         22 / 20

  recovery takes 20 % longer [15 %, 26 %]
  differs   faultline: 0.1.0 -> 0.2.0
  rules     a change of 10 % counts, of shares one of 10 percentage points (pp); intervals at 95 %,
            tests adjusted for their number
  next      faultline report results/b
)");
}

TEST(TerminalComparison, KeepsToItsWidth) {
    for (const int width : {100, 120, 160}) {
        for (const auto& report :
             {sample_comparison(), undecided_comparison(), unlike_comparison()}) {
            std::istringstream lines(rendered_comparison("terminal", report, {.width = width}));
            std::string line;
            while (std::getline(lines, line))
                EXPECT_LE(text_width(line), static_cast<std::size_t>(width)) << line;
        }
    }
}

TEST(TerminalComparison, SaysWhereTheMeanMovedAndTheMiddleDidNot) {
    ComparisonReport report = sample_comparison();
    report.comparison.measures[2].head_value = 0.6;
    EXPECT_THAT(rendered_comparison("terminal", report), HasSubstr("20 / 18; mean -12.1 pp\n"));
}

TEST(TerminalComparison, SaysWhatWouldDecide) {
    const std::string text = rendered_comparison("terminal", undecided_comparison());
    EXPECT_THAT(text, StartsWith("INCONCLUSIVE  sentinel-primary-crash\n"));
    EXPECT_THAT(text, ContainsRegex("inconclusive +20 / 18; ~145 a side"));
    EXPECT_THAT(
        text, HasSubstr("faultline run scenarios/redis/sentinel-primary-crash.json --trials 145"));
}

TEST(TerminalComparison, WarnsOfWhatWasComparedAllTheSame) {
    const std::string text = rendered_comparison("terminal", unlike_comparison(), {.width = 140});
    EXPECT_THAT(text, HasSubstr("  warning   These runs are not alike"));
    EXPECT_THAT(text, HasSubstr("  differs   cpu: Xeon | <i> -> Epyc\n"));
    EXPECT_THAT(rendered_comparison("terminal", sample_comparison()), Not(HasSubstr("warning")));
}

TEST(TerminalComparison, IsColouredOnlyWhenAsked) {
    EXPECT_THAT(rendered_comparison("terminal", sample_comparison()), Not(HasSubstr("\x1b")));
    EXPECT_THAT(rendered_comparison("terminal", sample_comparison(), {.colour = true}),
                AllOf(StartsWith("\x1b[31mWORSE\x1b[0m"), HasSubstr("\x1b[32mBETTER")));
}

TEST(MarkdownComparison, ShowsARowAMeasureAndTheWords) {
    const std::string text = rendered_comparison("markdown", sample_comparison());
    EXPECT_THAT(text, StartsWith("## WORSE: sentinel-primary-crash\n"));
    EXPECT_THAT(
        text,
        ContainsRegex("\n\\| recovery time \\| 1.38 s \\| 1.66 s \\|.*\\*\\*WORSE\\*\\* \\|"));
    EXPECT_THAT(text, HasSubstr("- next: `faultline report results/b`"));
    EXPECT_THAT(text, AllOf(HasSubstr("&lt;b&gt;\\|recovered\\|"), Not(HasSubstr("<b>"))));
    EXPECT_THAT(rendered_comparison("markdown", unlike_comparison()),
                HasSubstr("> **Warning:** These runs are not alike"));
}

TEST(HtmlComparison, IsAWholePageWithoutScripts) {
    const std::string text = rendered_comparison("html", unlike_comparison());
    EXPECT_THAT(text, StartsWith("<!doctype html>"));
    EXPECT_THAT(text, Not(HasSubstr("<script")));
    EXPECT_THAT(text, AllOf(HasSubstr("<svg class=\"forest\""), HasSubstr("role=\"img\"")));
    EXPECT_THAT(text, HasSubstr("+20.0 %"));
    EXPECT_THAT(text, AllOf(HasSubstr("&lt;b&gt;|recovered|"), HasSubstr("Xeon | &lt;i&gt;")));
    EXPECT_THAT(text, HasSubstr("<strong>These runs are not alike"));
}

TEST(HtmlComparison, DrawsWorseToTheRight) {
    // A success rate that rises lies on the other side than a time that rises.
    ComparisonReport report = sample_comparison();
    report.comparison.measures.resize(3);
    const std::string text = rendered_comparison("html", report);
    const auto circle_of = [&](const std::string& look) {
        const std::string mark = "<circle class=\"" + look + "\" cx=\"";
        const std::size_t at = text.find(mark);
        FL_CHECK(at != std::string::npos);
        return std::stod(text.substr(at + mark.size(), 6));
    };
    EXPECT_LT(circle_of("better"), circle_of("same"));
    EXPECT_LT(circle_of("same"), circle_of("worse"));
}

TEST(ComparisonRenderers, HandleAComparisonOfNothing) {
    ComparisonReport nothing;
    nothing.comparison.reason = "the two runs have no measure in common";
    for (const ComparisonRenderer& renderer : comparison_renderers())
        EXPECT_THAT(renderer.render(nothing, {}), HasSubstr("no measure in common"))
            << renderer.name;
}

TEST(ComparedRun, CountsWhatCounts) {
    const ComparedRun run = compared_run(sample_failed_run(), "results/x");
    EXPECT_EQ(run.trials, 18U);
    EXPECT_EQ(run.left_out, 2U);
    EXPECT_EQ(run.given, "results/x");
}

}  // namespace
}  // namespace faultline::reports
