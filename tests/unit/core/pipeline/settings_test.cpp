// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "targets/core/pipeline_settings.hpp"

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;

PipelineSettings sound() {
    return {.self = 1, .members = {{1}, {2}, {3}}};
}

std::string complaint(const PipelineSettings& settings) {
    const Result<> result = check(settings);
    return result ? "" : result.error().message;
}

TEST(PipelineSettings, AreSoundByDefault) {
    EXPECT_EQ(complaint(sound()), "");
}

TEST(PipelineSettings, MustHaveThisNodeAmongTheMembers) {
    PipelineSettings settings = sound();
    settings.self = 9;
    EXPECT_THAT(complaint(settings), HasSubstr("node 9 must be among the 3 members"));
}

TEST(PipelineSettings, NameADetectorThatExists) {
    PipelineSettings settings = sound();
    settings.detector = "phi_acrual";
    EXPECT_THAT(complaint(settings), HasSubstr("did you mean \"phi_accrual\""));
}

TEST(PipelineSettings, HaveTimesThatCanBeKept) {
    PipelineSettings settings = sound();
    settings.careful.floor = std::chrono::seconds(1);
    EXPECT_THAT(complaint(settings), HasSubstr("detection floor 1.00 s"));
    settings = sound();
    settings.monitor.lag_span = Duration::zero();
    EXPECT_THAT(complaint(settings), HasSubstr("too short"));
    settings = sound();
    settings.detectors.phi.threshold = 0;
    EXPECT_THAT(complaint(settings), HasSubstr("phi threshold"));
    settings = sound();
    settings.detectors.chen.window = 0;
    EXPECT_THAT(complaint(settings), HasSubstr("windows"));
}

}  // namespace
}  // namespace ftcore::testing
