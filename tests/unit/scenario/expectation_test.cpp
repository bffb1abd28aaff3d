// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/expectation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline {
namespace {

TEST(Expectation, ReadsASpan) {
    const auto read = parse_expectation("recovery_time.p95 <= 3s @ 95%");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->metric, "recovery_time");
    EXPECT_EQ(read->shape, MeasureShape::span);
    EXPECT_EQ(read->stat, "p95");
    EXPECT_DOUBLE_EQ(read->quantile, 0.95);
    EXPECT_EQ(read->comparison, Comparison::less_equal);
    EXPECT_EQ(read->value, 3e9);
    EXPECT_DOUBLE_EQ(*read->confidence, 0.95);
    EXPECT_EQ(read->text, "recovery_time.p95 <= 3s @ 95%");
}

TEST(Expectation, ReadsTheInjectionInFront) {
    const auto read = parse_expectation("second.detection_time.p99.9<1500ms");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->injection, "second");
    EXPECT_EQ(read->stat, "p99.9");
    EXPECT_DOUBLE_EQ(read->quantile, 0.999);
    EXPECT_EQ(read->comparison, Comparison::less);
    EXPECT_FALSE(read->confidence);
    EXPECT_EQ(parse_expectation("fault-2.recovered > 0.5")->injection, "fault-2");
}

TEST(Expectation, ReadsSharesProportionsAndCounts) {
    EXPECT_DOUBLE_EQ(parse_expectation("success_rate.mean >= 90%")->value, 0.9);
    EXPECT_DOUBLE_EQ(parse_expectation("recovered >= 95% @ 0.9")->value, 0.95);
    EXPECT_EQ(parse_expectation("recovered >= 95%")->stat, "");
    EXPECT_EQ(parse_expectation("lost_writes == 0")->stat, "total");
    EXPECT_EQ(parse_expectation("stale_reads.total == 0")->shape, MeasureShape::count);
    EXPECT_EQ(parse_expectation("lost_writes.max != 3")->comparison, Comparison::not_equal);
    EXPECT_EQ(parse_expectation("  downtime.mean  >  1us ")->comparison, Comparison::greater);
}

struct Wrong {
    const char* text;
    const char* message;
};
class WrongExpectation : public testing::TestWithParam<Wrong> {};

TEST_P(WrongExpectation, IsRefusedWithAReason) {
    const auto read = parse_expectation(GetParam().text);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, testing::HasSubstr(GetParam().message));
    EXPECT_THAT(read.error().message, testing::HasSubstr(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    All,
    WrongExpectation,
    testing::Values(Wrong{"", "there is no comparison"},
                    Wrong{"recovery_time.p95", "there is no comparison"},
                    Wrong{"recovery_time.p95 = 3s", "is no comparison; known"},
                    Wrong{"recovery_time.p95 <= 3", "is not a number followed by"},
                    Wrong{"recovery_time.p95 <=", "is not a number followed by"},
                    Wrong{"recovery_time <= 3s", "write for example recovery_time.p95"},
                    Wrong{"recovery_time.p0 <= 3s", "unknown statistic \"p0\""},
                    Wrong{"recovery_time.p100 <= 3s", "unknown statistic"},
                    Wrong{"recovery_time.mena <= 3s", "did you mean \"mean\"?"},
                    Wrong{"recovery_tme.p95 <= 3s", "did you mean \"recovery_time\"?"},
                    Wrong{"recovered.mean >= 95%", "has no statistic"},
                    Wrong{"recovered >= 101%", "more than 100 %"},
                    Wrong{"first.lost_writes == 0", "speaks of a whole trial"},
                    Wrong{"lost_writes.p95 == 0", "unknown statistic"},
                    Wrong{"lost_writes == x", "is not a count"},
                    Wrong{"recovered >= 95% @ 50%", "between 50% and 100%"},
                    Wrong{"recovered >= 95% @ 100%", "between 50% and 100%"},
                    Wrong{"recovered == 95% @ 95%", "not with an equality"},
                    Wrong{"recovery_time.max <= 3s @ 95%", "describes the trials that were made"},
                    Wrong{"lost_writes == 0 @ 95%", "equality"}));

TEST(Expectation, KnowsItsMetrics) {
    for (const MeasureMetric& metric : measure_metrics())
        EXPECT_FALSE(metric.help.empty()) << metric.name;
    EXPECT_EQ(measure_metrics().size(), 13u);
}

}  // namespace
}  // namespace faultline
