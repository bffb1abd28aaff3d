// SPDX-License-Identifier: Apache-2.0
#include "reports/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/sweep_lines.hpp"

namespace faultline::reports {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SweepPoint point(std::map<std::string, std::string> parameters,
                 std::optional<double> detection_ms) {
    SweepPoint point{.scenario = "kv <hang>", .parameters = std::move(parameters)};
    InjectionSummary injection{.id = "fault-1"};
    SpanSummary& detection = injection.spans["detection_time"];
    detection.n = 5;
    if (detection_ms) detection.p50 = detection.p95 = *detection_ms * 1e6;
    injection.proportions["detected"] = {.k = detection_ms ? 5U : 0U, .n = 5};
    point.summary.injections.push_back(std::move(injection));
    point.summary.fault_trials = 5;
    point.summary.false_detections_per_hour = 12.5;
    return point;
}

std::vector<std::string> places(const SweepLine& line, const std::string& abscissa) {
    std::vector<std::string> all;
    for (const SweepPoint* each : line.points)
        all.push_back(abscissa_of(*each, abscissa));
    return all;
}

TEST(Sweep, SortsTimesByTheirLengthAndTextsNotAtAll) {
    const std::vector<SweepPoint> times{
        point({{"beat", "10ms"}}, 1), point({{"beat", "1s"}}, 1), point({{"beat", "2ms"}}, 1)};
    EXPECT_THAT(places(sweep_lines(times).lines.front(), "beat"), ElementsAre("2ms", "10ms", "1s"));
    const std::vector<SweepPoint> texts{point({{"level", "low"}}, 1),
                                        point({{"level", "high"}}, 1)};
    EXPECT_THAT(places(sweep_lines(texts).lines.front(), "level"), ElementsAre("low", "high"));
}

TEST(Sweep, DrawsALineForEachValueOfTheOtherParameters) {
    const std::vector<SweepPoint> points{point({{"beat", "1ms"}, {"level", "high"}}, 1),
                                         point({{"beat", "2ms"}, {"level", "high"}}, 2),
                                         point({{"beat", "1ms"}, {"level", "low"}}, 3)};
    const SweepLines sweep = sweep_lines(points);
    EXPECT_EQ(sweep.abscissa, "beat");
    ASSERT_EQ(sweep.lines.size(), 2U);
    EXPECT_EQ(sweep.lines[0].name, "level=high");
    EXPECT_EQ(sweep.lines[0].points.size(), 2U);
    EXPECT_EQ(sweep_table(sweep).size(), 4U);
}

TEST(Sweep, LeavesAParameterThatDoesNotVaryAside) {
    const std::vector<SweepPoint> points{point({{"alike", "x"}, {"beat", "1"}}, 1),
                                         point({{"alike", "x"}, {"beat", "2"}}, 2)};
    EXPECT_EQ(sweep_lines(points).abscissa, "beat");
}

TEST(Sweep, MarkdownHasATableAndAChartOfWhatWasMeasured) {
    const std::vector<SweepPoint> points{
        point({{"beat", "1ms"}}, 15), point({{"beat", "2ms"}}, {}), point({{"beat", "5ms"}}, 50)};
    const std::string text = sweep_markdown(points);
    EXPECT_THAT(text, HasSubstr("xychart-beta"));
    EXPECT_THAT(text, HasSubstr("x-axis \"beat\" [\"1ms\", \"5ms\"]"));
    EXPECT_THAT(text, HasSubstr("line [15, 50]"));
    EXPECT_THAT(text, HasSubstr("line [12.5, 12.5, 12.5]"));
    EXPECT_THAT(text, HasSubstr("| 2ms |"));
}

TEST(Sweep, HtmlHoldsTheChartTheTableAndNoForeignMarkup) {
    const std::string page =
        sweep_html({point({{"beat", "1ms"}}, 15), point({{"beat", "2ms"}}, {})});
    EXPECT_THAT(page, HasSubstr("\"detection_p50_ms\":15.0"));
    EXPECT_THAT(page, HasSubstr("\"detection_p50_ms\":null"));
    EXPECT_THAT(page, HasSubstr("<td>2ms</td>"));
    EXPECT_THAT(page, HasSubstr("kv &lt;hang&gt;"));
    EXPECT_THAT(page, Not(HasSubstr("kv <hang>")));
}

TEST(Sweep, ShowsOneCaseWithoutParameters) {
    const std::vector<SweepPoint> points{point({}, 15)};
    EXPECT_EQ(sweep_lines(points).abscissa, "case");
    EXPECT_THAT(sweep_markdown(points), HasSubstr("xychart-beta"));
}

}  // namespace
}  // namespace faultline::reports
