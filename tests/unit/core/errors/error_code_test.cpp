// SPDX-License-Identifier: Apache-2.0
#include "targets/core/errors/error_code.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace ftcore::testing {
namespace {

TEST(ErrorCodes, AreDescribedEachAndOnlyOnce) {
    std::set<std::string_view> names;
    for (const ErrorInfo& info : error_infos()) {
        EXPECT_EQ(&describe(info.code), &info);
        EXPECT_EQ(&error_infos()[error_position(info.code)], &info);
        EXPECT_TRUE(names.insert(info.name).second) << info.name;
        EXPECT_TRUE(info.message.ends_with('.')) << info.name;
        EXPECT_EQ(info.name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"),
                  std::string_view::npos);
    }
}

TEST(ErrorCodes, KeepTheirNumbersAndNames) {
    // Clients and dashboards know them by these.
    EXPECT_EQ(static_cast<int>(ErrorCode::not_primary), 200);
    EXPECT_EQ(describe(ErrorCode::not_primary).name, "NOT_PRIMARY");
    EXPECT_EQ(static_cast<int>(ErrorCode::storage_full), 400);
    EXPECT_EQ(describe(ErrorCode::storage_full).name, "STORAGE_FULL");
    EXPECT_EQ(static_cast<int>(ErrorCode::outcome_unknown), 500);
    EXPECT_EQ(describe(ErrorCode::outcome_unknown).name, "OUTCOME_UNKNOWN");
}

TEST(ErrorCodes, NeverCallAnUnknownOutcomeSafeToRepeat) {
    for (const ErrorInfo& info : error_infos()) {
        if (info.category == Category::unknown || info.category == Category::internal) {
            EXPECT_EQ(info.retry, Retry::if_idempotent) << info.name;
        }
    }
}

TEST(ErrorCodesDeathTest, ThatDoNotExistAbort) {
    EXPECT_DEATH((void)describe(static_cast<ErrorCode>(77)), "does not hold");
    EXPECT_DEATH((void)describe(static_cast<ErrorCode>(999)), "does not hold");
}

TEST(ErrorNames, AreWords) {
    EXPECT_EQ(name_of(Severity::critical), "critical");
    EXPECT_EQ(name_of(Category::storage), "storage");
    EXPECT_EQ(name_of(Retry::if_idempotent), "if idempotent");
}

}  // namespace
}  // namespace ftcore::testing
