// SPDX-License-Identifier: Apache-2.0
#include "harness/result/calibration.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/result/temporary_folder.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

TEST(StoredCalibration, IsKeptPerMachine) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "state" / "faultline" / "calibration.json";
    EXPECT_EQ(*load_calibration(file, "a"), std::nullopt);
    const InstrumentError first{"2026-11-22T10:00:00Z", 30e3, 210e3, 1.1e6};
    const InstrumentError second{.measured_at = "2026-11-23T10:00:00Z",
                                 .injection_lateness_p99 = 50e3};
    const Calibration a{first, R"({"idle":{"n":1000}})"};
    const Calibration b{second, ""};
    ASSERT_TRUE(store_calibration(file, "a / Linux 6.1", a));
    ASSERT_TRUE(store_calibration(file, "b", b));
    const auto back = load_calibration(file, "a / Linux 6.1");
    ASSERT_TRUE(back && *back);
    EXPECT_EQ((*back)->instrument.measured_at, a.instrument.measured_at);
    EXPECT_EQ((*back)->instrument.detection_error_p99, 210e3);
    EXPECT_EQ(nlohmann::json::parse((*back)->figures_json), nlohmann::json::parse(a.figures_json));
    EXPECT_EQ((**load_calibration(file, "b")).instrument.recovery_error_p99, std::nullopt);
    EXPECT_EQ(*load_calibration(file, "c"), std::nullopt);

    Calibration newer = a;
    newer.instrument.injection_lateness_p99 = 20e3;
    ASSERT_TRUE(store_calibration(file, "a / Linux 6.1", newer));
    EXPECT_EQ((**load_calibration(file, "a / Linux 6.1")).instrument.injection_lateness_p99, 20e3);
}

TEST(StoredCalibration, SaysWhatIsWrongWithItsFile) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "calibration.json";
    ASSERT_TRUE(write_file(file, "nonsense"));
    EXPECT_THAT(load_calibration(file, "a").error().message, HasSubstr(file.string()));
    ASSERT_TRUE(write_file(file, R"({"version": 9, "machines": {}})"));
    EXPECT_THAT(load_calibration(file, "a").error().message, HasSubstr("version 9"));
    EXPECT_FALSE(store_calibration(file, "a", {}))
        << "figures of a newer faultline are not overwritten";
}

TEST(StoredCalibration, LiesInTheStateFolder) {
    ::setenv("XDG_STATE_HOME", "/state", 1);
    EXPECT_EQ(calibration_file(), "/state/faultline/calibration.json");
    ::setenv("XDG_STATE_HOME", "relative", 1);
    ::setenv("HOME", "/home/someone", 1);
    EXPECT_EQ(calibration_file(), "/home/someone/.local/state/faultline/calibration.json");
    ::unsetenv("XDG_STATE_HOME");
    ::unsetenv("HOME");
    EXPECT_EQ(calibration_file(), std::nullopt);
    EXPECT_TRUE(stored_instrument_error().measured_at.empty());
}

TEST(StoredCalibration, BelongsToThisMachine) {
    EXPECT_THAT(machine_fingerprint(), HasSubstr("cores"));
    EXPECT_EQ(machine_fingerprint(), machine_fingerprint());
}

}  // namespace
}  // namespace faultline
