// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/markdown_text.hpp"
#include "tests/unit/reports/rendered.hpp"
#include "tests/unit/result/sample_run.hpp"

namespace faultline::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

/// How many cells a table line has: bars that are not escaped, less one.
long cells_of(const std::string& line) {
    long bars = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '|' && (at == 0 || line[at - 1] != '\\')) ++bars;
    }
    return bars - 1;
}

void expect_tables_to_be_rectangular(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    long columns = 0;
    while (std::getline(lines, line)) {
        if (!line.starts_with('|')) {
            columns = 0;
            continue;
        }
        if (columns == 0) columns = cells_of(line);
        EXPECT_EQ(cells_of(line), columns) << line;
    }
}

TEST(MarkdownText, ShowsWhatItIsGiven) {
    EXPECT_EQ(markdown_text("a|b <b>*x*</b> [y](z) `c`"),
              "a\\|b &lt;b&gt;\\*x\\*&lt;/b&gt; \\[y\\]\\(z\\) \\`c\\`");
    EXPECT_EQ(markdown_text("two\nlines"), "two lines");
    EXPECT_EQ(markdown_code("a|b"), "`a\\|b`");
    EXPECT_EQ(markdown_code("`x`"), "`` `x` ``");
    EXPECT_EQ(markdown_block("sh", "a\n```\nb"), "````sh\na\n```\nb\n````\n");
}

TEST(MarkdownReport, ShowsTheVerdictAndTheNumbersFirst) {
    const std::string text = rendered("markdown", sample_run(), {.directory = "results/x"});
    EXPECT_THAT(text, StartsWith("# sentinel-primary-crash: PASS\n"));
    EXPECT_THAT(text, HasSubstr("| detection time, p95 | 1.06 s | [1.06 s, open) | 20 |  |\n"));
    EXPECT_THAT(text, HasSubstr("| success rate, mean | 72.1 % | [71.2 %, 73.1 %] | 20 |"));
    EXPECT_THAT(text, HasSubstr("| recovered | 20 of 20 | [83.2 %, 100.0 %] | 20 |"));
    EXPECT_THAT(text, HasSubstr("| lost writes, total | 0 |"));
    EXPECT_THAT(text, HasSubstr("| pass | `detection_time.p95 <= 1500ms` | 1.06 s |"));
    EXPECT_THAT(text, HasSubstr("| 20 of 20 | pidfd\\_send\\_signal | pid 4711 ended"));
    EXPECT_LT(text.find("## Measures"), text.find("## What was injected"));
    expect_tables_to_be_rectangular(text);
}

TEST(MarkdownReport, DrawsTheMedianTrial) {
    const std::string text = rendered("markdown", sample_run());
    EXPECT_THAT(text,
                HasSubstr("```mermaid\ngantt\n    title trial 10  process.crash on redis 0 \n"));
    EXPECT_THAT(text,
                HasSubstr("    effective 140 us :0, 1\n    first bad operation 2.00 ms :0, 2\n    "
                          "detected 1.05 s :2, 1050\n"));
    EXPECT_THAT(text, HasSubstr("| detected | 1.05 s | 1.05 s |"));
}

TEST(MarkdownReport, ExplainsWhatWasLeftOut) {
    const std::string text = rendered("markdown", sample_failed_run());
    EXPECT_THAT(text, StartsWith("# sentinel-primary-crash: FAIL\n"));
    EXPECT_THAT(text, HasSubstr("| 3 | no | unhealthy: redis\\[1\\] was not ready"));
    EXPECT_THAT(text, HasSubstr("Can't \\| open"));
    EXPECT_THAT(text, HasSubstr("| 5 | no | disturbed |"));
    EXPECT_THAT(text, HasSubstr("| 7 | yes | fault-1: censored, not recovered after 30.0 s |"));
    EXPECT_THAT(text, HasSubstr("| 9 | yes | fault-1: effect not confirmed |"));
    EXPECT_THAT(text, HasSubstr("| 8 | `` key\\|<b>`42` `` |"));
    EXPECT_THAT(text, HasSubstr("| 8 | `` key\\|<i>`7` `` |"));
    EXPECT_THAT(text, HasSubstr("| stale reads, total | 5 |"));
    EXPECT_THAT(text, HasSubstr("| **fail** | `lost_writes.total == 0` | 2 |"));
    EXPECT_THAT(text, HasSubstr("<details>\n<summary>22 trials</summary>\n\n| trial |"));
    EXPECT_THAT(text, HasSubstr("over 30.0 s"));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x01'), std::string::npos);
    expect_tables_to_be_rectangular(text);
}

TEST(MarkdownReport, SaysHowToRepeatIt) {
    EXPECT_THAT(
        rendered("markdown", sample_run(), {.directory = "results/x"}),
        AllOf(HasSubstr("Seed 18000000000000000001"),
              HasSubstr("faultline run scenarios/redis/sentinel-primary-crash.json --seed 7\n"),
              HasSubstr("| cpu | Test CPU \\| 2 cores |")));
}

TEST(MarkdownReport, HoldsRunsWithoutTrials) {
    EXPECT_THAT(rendered("markdown", unfinished_run()),
                AllOf(StartsWith("# empty: UNFINISHED\n"), HasSubstr("0 of 5 trials")));
    EXPECT_THAT(rendered("markdown", run_without_trials()),
                AllOf(StartsWith("# empty: HARNESS ERROR\n"), HasSubstr("Nothing was measured.")));
}

}  // namespace
}  // namespace faultline::reports
