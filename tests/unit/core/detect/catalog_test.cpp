// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/catalog.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

using ::testing::HasSubstr;

TEST(DetectorCatalog, IsSortedAndMakesEachByItsName) {
    const auto names = detector_names();
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    for (const std::string& name : names) {
        const auto detector = make_detector(name, {});
        ASSERT_TRUE(detector.has_value()) << name;
        EXPECT_EQ((*detector)->name(), name);
        EXPECT_EQ((*detector)->assess(Instant{}).trust, Trust::unknown);
    }
}

TEST(DetectorCatalog, SaysWhatWasMeant) {
    const auto detector = make_detector("phi", {});
    ASSERT_FALSE(detector.has_value());
    EXPECT_THAT(detector.error().message, HasSubstr("unknown detector \"phi\""));
    EXPECT_THAT(detector.error().message, HasSubstr("phi_accrual"));
}

}  // namespace
}  // namespace ftcore::testing
