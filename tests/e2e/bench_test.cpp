// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// `faultline bench` as its users and their scripts see it.

namespace faultline::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A metronome that is frozen for a while, in two cases.
std::string swept_scenario() {
    return single_scenario(
        R"([{"fault": "process.hang", "on": "metronome", "at": "50ms", "for": "${param.frozen}"}])",
        R"(, "parameters": {"frozen": ["300ms", "600ms"]})");
}

TEST(Bench, MakesEveryTrialAnIterationAndEveryParameterAnArgument) {
    const Workplace place;
    place.write("sweep.json", swept_scenario());
    const auto result = place.faultline({"bench",
                                         "sweep.json",
                                         "--trials",
                                         "2",
                                         "--benchmark_out=out.json",
                                         "--benchmark_out_format=json",
                                         "--benchmark_format=csv",
                                         "--chart",
                                         "sweep.md",
                                         "--out",
                                         "runs"});
    ASSERT_EQ(result.exit_code, 0) << result.output << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("name,iterations,real_time"));
    std::ifstream file(place.folder() / "out.json");
    const auto json = nlohmann::json::parse(file, nullptr, false);
    ASSERT_EQ(json["benchmarks"].size(), 2U);
    const auto& first = json["benchmarks"][0];
    EXPECT_THAT(first["name"].get<std::string>(), HasSubstr("/frozen:300ms/"));
    EXPECT_THAT(first["name"].get<std::string>(), HasSubstr("/iterations:2/manual_time"));
    EXPECT_EQ(first["iterations"], 2);
    EXPECT_EQ(first["time_unit"], "ms");
    EXPECT_EQ(first["censored"], 0.0);
    // Frozen for so long, it cannot have served earlier.
    EXPECT_GE(first["real_time"].get<double>(), 150.0);
    EXPECT_GE(json["benchmarks"][1]["real_time"].get<double>(), 450.0);
    EXPECT_GE(json["benchmarks"][1]["recovery_p50_ms"].get<double>(), 450.0);
    EXPECT_GT(first["targets_peak_memory_mb"].get<double>(), 0.1);
    EXPECT_TRUE(json["context"].contains("faultline_version"));
    const auto chart = read_file(place.folder() / "sweep.md");
    ASSERT_TRUE(chart) << chart.error().message;
    EXPECT_THAT(*chart, HasSubstr("| 600ms |"));
    // Each repetition is a run like any other.
    std::size_t runs = 0;
    for (const auto& entry : std::filesystem::directory_iterator(place.folder() / "runs")) {
        ++runs;
        EXPECT_EQ(place.faultline({"report", entry.path().string(), "--format", "none"}).exit_code,
                  0);
    }
    EXPECT_EQ(runs, 2U);
}

TEST(Bench, KnowsTheMemoryOfTargetsThatItKills) {
    const Workplace place;
    place.write(
        "pair.json",
        pair_scenario(R"([{"fault": "process.crash", "on": "metronome@primary", "at": "100ms"}])"));
    const auto result = place.faultline(
        {"bench", "pair.json", "--trials", "2", "--benchmark_format=json", "--out", "runs"});
    ASSERT_EQ(result.exit_code, 0) << result.output << result.error_output;
    const auto json = nlohmann::json::parse(result.output, nullptr, false);
    double most = 0;
    int killed = 0;
    for (const auto& entry : std::filesystem::directory_iterator(place.folder() / "runs")) {
        std::ifstream trials(entry.path() / "trials.jsonl");
        for (std::string line; std::getline(trials, line);) {
            const auto trial = nlohmann::json::parse(line);
            for (const auto& instance : trial["instances"]) {
                const double peak = instance["memory_peak_bytes"].get<double>();
                EXPECT_GT(peak, 100'000) << line;
                most = std::max(most, peak);
                killed += instance["exit_signal"] == 9 ? 1 : 0;
            }
        }
    }
    EXPECT_GE(killed, 2);
    const double shown = json["benchmarks"][0]["targets_peak_memory_mb"].get<double>();
    EXPECT_GT(shown, 0.1);
    EXPECT_LE(shown, most / 1e6 * 1.001);
}

TEST(Bench, ListsAndFiltersWithoutRunning) {
    const Workplace place;
    place.write("sweep.json", swept_scenario());
    const auto listed = place.faultline(
        {"bench", "sweep.json", "--benchmark_list_tests", "--benchmark_filter=600ms"});
    EXPECT_EQ(listed.exit_code, 0) << listed.error_output;
    EXPECT_THAT(listed.output, HasSubstr("frozen:600ms"));
    EXPECT_THAT(listed.output, Not(HasSubstr("frozen:300ms")));
    EXPECT_EQ(place.faultline({"bench", "sweep.json", "--benchmark_filter=nothing"}).exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(place.folder() / "results"));
}

TEST(Bench, RefusesFlagsThatNobodyKnows) {
    const Workplace place;
    place.write("sweep.json", swept_scenario());
    const auto result = place.faultline({"bench", "sweep.json", "--benchmark_fliter=x"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.error_output, HasSubstr("did you mean \"--benchmark_filter\"?"));
    EXPECT_EQ(place.faultline({"bench", "sweep.json", "--chart", "a.png"}).exit_code, 2);
}

TEST(Bench, SaysThatNothingRecovered) {
    const Workplace place;
    place.write("hung.json",
                single_scenario(R"([{"fault": "process.hang", "on": "metronome", "at": "50ms"}])"));
    const auto result =
        place.faultline({"bench", "hung.json", "--trials", "1", "--set", "/recovery/within=300ms"});
    EXPECT_EQ(result.exit_code, 1) << result.output << result.error_output;
    EXPECT_THAT(result.output, HasSubstr("no trial recovered"));
}

}  // namespace
}  // namespace faultline::e2e
