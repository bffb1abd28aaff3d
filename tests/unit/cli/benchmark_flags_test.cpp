// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/benchmark_flags.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace faultline::cli {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::string& word) {
    const auto checked = check_benchmark_flags({word});
    return checked ? "" : checked.error().message;
}

TEST(BenchmarkFlags, TakesWhatGoogleBenchmarkTakes) {
    for (const char* word : {"--benchmark_format=json",
                             "--benchmark_out=a b.json",
                             "--benchmark_out_format=csv",
                             "--benchmark_filter=kv.*/rate:500",
                             "--benchmark_filter=-slow",
                             "--benchmark_list_tests",
                             "--benchmark_list_tests=true",
                             "--benchmark_repetitions=20",
                             "--benchmark_report_aggregates_only=true",
                             "--benchmark_context=machine=laptop",
                             "--benchmark_time_unit=s",
                             "--benchmark_min_time=0.5",
                             "--v=1"}) {
        EXPECT_EQ(refusal(word), "");
    }
}

TEST(BenchmarkFlags, SuggestsWhatWasProbablyMeant) {
    EXPECT_THAT(refusal("--benchmark_fromat=json"), HasSubstr("\"--benchmark_format\""));
    EXPECT_THAT(refusal("--trails"), HasSubstr("\"--trials\""));
    EXPECT_THAT(refusal("--benchmark_repetition=3"), HasSubstr("\"--benchmark_repetitions\""));
}

TEST(BenchmarkFlags, RefusesValuesOnWhichTheLibraryWouldEndTheProcess) {
    EXPECT_THAT(refusal("--benchmark_format=xml"), HasSubstr("console, json, csv"));
    EXPECT_THAT(refusal("--benchmark_color=blue"), HasSubstr("auto"));
    EXPECT_THAT(refusal("--benchmark_repetitions=many"), HasSubstr("whole number"));
    EXPECT_THAT(refusal("--benchmark_min_time=soon"), HasSubstr("seconds"));
    EXPECT_THAT(refusal("--benchmark_filter=("), HasSubstr("regular expression"));
    EXPECT_THAT(refusal("--benchmark_out"), HasSubstr("write --benchmark_out=..."));
}

}  // namespace
}  // namespace faultline::cli
