// SPDX-License-Identifier: Apache-2.0
#include "harness/result/trend.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

using testing::SizeIs;

TrendPoint point(std::optional<double> value, Interval interval = {}) {
    TrendPoint one{.n = 20, .value = value, .interval = interval};
    one.run.host = "a";
    return one;
}

TrendMeasure measure_named(const char* name) {
    const auto measure = find_trend_measure(name);
    EXPECT_TRUE(measure) << name;
    return measure.value_or(TrendMeasure{});
}

TrendMark mark_between(const char* name, const TrendPoint& before, const TrendPoint& after) {
    return trend_sections({before, after}, measure_named(name)).front().rows.back().mark;
}

TEST(TrendMeasureName, GetsItsUsualStatistic) {
    EXPECT_EQ(measure_named("recovery_time").name, "recovery_time.p50");
    EXPECT_EQ(measure_named("recovery_time.p95").name, "recovery_time.p95");
    EXPECT_EQ(measure_named("second.recovery_time").name, "second.recovery_time.p50");
    EXPECT_EQ(measure_named("success_rate").name, "success_rate.mean");
    EXPECT_EQ(measure_named("recovered").name, "recovered");
    EXPECT_EQ(measure_named("lost_writes").name, "lost_writes.total");
    EXPECT_EQ(find_trend_measure("recovry_time.p95"), std::nullopt);
    EXPECT_EQ(find_trend_measure(""), std::nullopt);
}

TEST(TrendMeasureName, SaysWhichWayIsBetter) {
    EXPECT_FALSE(measure_named("second.recovery_time.p95").higher_is_better);
    EXPECT_FALSE(measure_named("lost_writes.total").higher_is_better);
    EXPECT_TRUE(measure_named("success_rate.mean").higher_is_better);
    EXPECT_TRUE(measure_named("recovered").higher_is_better);
}

TEST(TrendMarks, AreForIntervalsThatDoNotOverlap) {
    const TrendPoint base = point(10, {8, 12});
    EXPECT_EQ(mark_between("recovery_time", base, point(15, {13, 17})), TrendMark::worse);
    EXPECT_EQ(mark_between("recovery_time", base, point(5, {4, 7})), TrendMark::better);
    EXPECT_EQ(mark_between("recovery_time", base, point(15, {11, 17})), TrendMark::none);
    EXPECT_EQ(mark_between("recovery_time", base, point(15)), TrendMark::none);
    EXPECT_EQ(mark_between("recovery_time", base, point(std::nullopt)), TrendMark::none);
    EXPECT_EQ(mark_between("success_rate", base, point(15, {13, 17})), TrendMark::better);
    const Interval open{13, std::numeric_limits<double>::infinity()};
    EXPECT_EQ(mark_between("recovery_time.p95", base, point(15, open)), TrendMark::worse);
    EXPECT_EQ(mark_between("recovery_time.p95", point(15, open), point(30, {25, 40})),
              TrendMark::none);
}

TEST(TrendMarks, AreForEveryChangeOfACount) {
    EXPECT_EQ(mark_between("lost_writes", point(0), point(1)), TrendMark::worse);
    EXPECT_EQ(mark_between("lost_writes", point(2), point(1)), TrendMark::better);
    EXPECT_EQ(mark_between("lost_writes", point(2), point(2)), TrendMark::none);
}

TEST(TrendSections, CompareWithTheRunBeforeOfTheSameCase) {
    std::vector<TrendPoint> points{
        point(10), point(100), point(std::nullopt), point(20), point(50)};
    points[1].run.case_key = points[4].run.case_key = "rate=5";
    points[4].run.host = "b";
    const auto sections = trend_sections(points, measure_named("recovery_time"));
    ASSERT_THAT(sections, SizeIs(2));
    ASSERT_THAT(sections[0].rows, SizeIs(3));
    EXPECT_EQ(sections[0].rows[0].change, std::nullopt);
    EXPECT_EQ(sections[0].rows[1].change, std::nullopt);
    EXPECT_EQ(sections[0].rows[2].change, 10);
    EXPECT_EQ(sections[0].rows[2].relative, 1);
    EXPECT_FALSE(sections[0].rows[2].other_machine);
    EXPECT_EQ(sections[1].case_key, "rate=5");
    EXPECT_EQ(sections[1].rows[1].relative, -0.5);
    EXPECT_TRUE(sections[1].rows[1].other_machine);
}

TEST(TrendSections, TakeNoShareOfNothing) {
    const auto sections = trend_sections({point(0), point(3)}, measure_named("recovery_time"));
    EXPECT_EQ(sections[0].rows[1].change, 3);
    EXPECT_EQ(sections[0].rows[1].relative, std::nullopt);
}

}  // namespace
}  // namespace faultline
