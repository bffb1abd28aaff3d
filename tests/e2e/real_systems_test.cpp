// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// The shipped scenarios on software nobody here wrote, one trial each: that they run and are
// measured. Whether the system meets its expectations is the scenario's business, on a machine with
// time.

namespace faultline::e2e {
namespace {

/// Without control trials; a slow machine does not mark a trial.
CommandResult run_shipped(const Workplace& place, const std::string& file, int trials) {
    return place.faultline({"run",
                            (scenarios_folder() / file).string(),
                            "--trials",
                            std::to_string(trials),
                            "--control",
                            "0",
                            "--set",
                            "/load/lag_max=10s",
                            "--out",
                            "out"});
}

std::string name_of(const std::string& file) {
    std::string name = std::filesystem::path(file).stem().string();
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

struct Shipped {
    const char* file;
    const char* needs;
};

class RealSystem : public ::testing::TestWithParam<Shipped> {};

TEST_P(RealSystem, IsLaunchedBrokenAndMeasured) {
    if (!has_program(GetParam().needs)) GTEST_SKIP() << GetParam().needs << " is not installed";
    const Workplace place;
    const auto result = run_shipped(place, GetParam().file, 1);
    ASSERT_TRUE(result.exit_code == 0 || result.exit_code == 1 || result.exit_code == 3)
        << result.output << result.error_output;
    const std::string trial = *read_file(place.folder() / "out/trials.jsonl");
    EXPECT_THAT(trial, ::testing::HasSubstr("\"effect\":\"confirmed\"")) << result.output;
    EXPECT_THAT(trial, ::testing::HasSubstr("\"outcome\":\"pass\"")) << result.output;
}

INSTANTIATE_TEST_SUITE_P(
    Shipped,
    RealSystem,
    ::testing::Values(Shipped{"redis/sentinel-primary-crash.json", "redis-sentinel"},
                      Shipped{"redis/sentinel-replica-crash.json", "redis-sentinel"},
                      Shipped{"redis/standalone-restart-without-persistence.json", "redis-server"},
                      Shipped{"haproxy/backend-crash-tuned.json", "haproxy"},
                      Shipped{"haproxy/backend-hang-tuned.json", "haproxy"}),
    [](const auto& shipped) { return name_of(shipped.param.file); });

class Metronome : public ::testing::TestWithParam<const char*> {};

TEST_P(Metronome, ScenarioMeetsItsExpectations) {
    const Workplace place;
    const auto result = run_shipped(place, std::string("metronome/") + GetParam(), 2);
    EXPECT_EQ(result.exit_code, 0) << result.output << result.error_output;
}

INSTANTIATE_TEST_SUITE_P(Shipped,
                         Metronome,
                         ::testing::Values("pair-crash.json",
                                           "pair-hang.json",
                                           "masked.json",
                                           "restart.json",
                                           "lost-writes.json",
                                           "start-failure.json"),
                         [](const auto& shipped) { return name_of(shipped.param); });

}  // namespace
}  // namespace faultline::e2e
