// SPDX-License-Identifier: Apache-2.0
#include "harness/base/result.hpp"

#include <cerrno>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace faultline {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail("odd: " + std::to_string(number), ErrorCode::invalid);
    return number / 2;
}

Result<int> quarter(int number) {
    FL_TRY(const int first, half(number));
    FL_TRY(const int second, half(first));
    return second;
}

Result<> check_quarter(int number) {
    FL_TRY_VOID(quarter(number));
    return {};
}

TEST(Result, CarriesAValueOrAnError) {
    EXPECT_EQ(*half(8), 4);
    const auto odd = half(7);
    ASSERT_FALSE(odd);
    EXPECT_EQ(odd.error().code, ErrorCode::invalid);
    EXPECT_EQ(odd.error().message, "odd: 7");
}

TEST(Result, IsPassedOnByTry) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(6).error().message, "odd: 3");
    EXPECT_TRUE(check_quarter(8));
    EXPECT_EQ(check_quarter(6).error().message, "odd: 3");
}

TEST(Result, MovesWhatCannotBeCopied) {
    const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(5); };
    const auto use = [&make]() -> Result<int> {
        FL_TRY(const auto pointer, make());
        return *pointer;
    };
    EXPECT_EQ(*use(), 5);
}

TEST(Result, SaysWhatWasBeingDone) {
    const auto outer = []() -> Result<int> {
        auto inner = half(7);
        if (!inner) return in_context("halving", inner.error());
        return inner;
    };
    EXPECT_EQ(outer().error().message, "halving: odd: 7");
    EXPECT_EQ(outer().error().code, ErrorCode::invalid);
}

TEST(SystemError, KeepsTheCodesThatCallersActOn) {
    EXPECT_EQ(system_error("opening a", ENOENT).message, "opening a: No such file or directory");
    EXPECT_EQ(system_error("", ENOENT).code, ErrorCode::not_found);
    EXPECT_EQ(system_error("", EADDRINUSE).code, ErrorCode::exists);
    EXPECT_EQ(system_error("", EACCES).code, ErrorCode::permission);
    EXPECT_EQ(system_error("", ENOSPC).code, ErrorCode::no_space);
    EXPECT_EQ(system_error("", ETIMEDOUT).code, ErrorCode::timeout);
    EXPECT_EQ(system_error("", ENOSYS).code, ErrorCode::unsupported);
    EXPECT_EQ(system_error("", EINVAL).code, ErrorCode::invalid);
    EXPECT_EQ(system_error("", EIO).code, ErrorCode::failed);
}

}  // namespace
}  // namespace faultline
