// SPDX-License-Identifier: Apache-2.0
#include "harness/result/operations_file.hpp"

#include <cstring>
#include <fcntl.h>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "harness/base/random.hpp"
#include "tests/unit/result/temporary_folder.hpp"

namespace faultline {
namespace {

using testing::HasSubstr;

bool equal(const Operation& a, const Operation& b) {
    return std::memcmp(&a, &b, sizeof(a)) == 0;
}

/// The size of both when they are the same.
std::size_t first_difference(const OperationLog& a, const OperationLog& b) {
    std::size_t index = 0;
    while (index < a.size() && equal(a[index], b[index]))
        ++index;
    return index;
}

OperationLog sample_operations(std::size_t count) {
    Random random(count);
    OperationLog log;
    std::int64_t intended = 5'000'000'000;
    for (std::size_t index = 0; index < count; ++index) {
        Operation operation;
        intended += static_cast<std::int64_t>(random.below(200'000));
        operation.intended_ns = intended;
        operation.end_ns = intended + static_cast<std::int64_t>(random.below(3'000'000));
        operation.lag_us = static_cast<std::uint32_t>(random.below(50));
        operation.key = static_cast<std::uint32_t>(random.below(1000));
        operation.version = static_cast<std::uint32_t>(index);
        operation.kind = static_cast<std::uint8_t>(random.below(2));
        operation.outcome = static_cast<Outcome>(random.below(3));
        operation.failure = static_cast<Failure>(random.below(7));
        operation.endpoint = static_cast<std::uint8_t>(random.below(3));
        log.push_back(operation);
    }
    return log;
}

void expect_round_trip(const OperationLog& log) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "operations.zst";
    const auto written = write_operations(path, {"set", "get"}, log);
    ASSERT_TRUE(written) << written.error().message;
    const auto read = read_operations(path);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_THAT(read->kinds, testing::ElementsAre("set", "get"));
    ASSERT_EQ(read->operations.size(), log.size());
    EXPECT_EQ(first_difference(read->operations, log), log.size());
}

TEST(OperationsFile, ComesBackAtEverySize) {
    const std::size_t block = operations_block_rows;
    for (const std::size_t count :
         {std::size_t{0}, std::size_t{1}, block - 1, block, block + 1, 3 * block + 5}) {
        SCOPED_TRACE(count);
        expect_round_trip(sample_operations(count));
    }
}

TEST(OperationsFile, HoldsAMillionOperationsInHalfTheirMemory) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "operations.zst";
    const OperationLog log = sample_operations(1'000'000);
    ASSERT_TRUE(write_operations(path, {"set", "get"}, log));
    EXPECT_LT(std::filesystem::file_size(path), log.size() * sizeof(Operation) / 2);
    const auto read = read_operations(path);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->operations.size(), log.size());
    EXPECT_EQ(first_difference(read->operations, log), log.size());
}

TEST(OperationsFile, KeepsExtremeValues) {
    OperationLog log;
    constexpr auto smallest = std::numeric_limits<std::int64_t>::min();
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    log.push_back({.intended_ns = largest, .end_ns = smallest, .lag_us = UINT32_MAX});
    log.push_back({.intended_ns = smallest, .end_ns = largest, .key = UINT32_MAX});
    log.push_back({.intended_ns = 1'000, .end_ns = 0, .failure = Failure::unsent});
    expect_round_trip(log);
}

TEST(OperationsFile, SaysWhatIsWrongWithAFile) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "operations.zst";
    const auto message = [&] {
        const auto read = read_operations(path);
        return read ? std::string("accepted") : read.error().message;
    };
    EXPECT_THAT(message(), HasSubstr("No such file"));
    ASSERT_TRUE(write_file(path, ""));
    EXPECT_THAT(message(), HasSubstr("not an operations file"));
    ASSERT_TRUE(write_file(path, "{\"not\": \"zstd\"}"));
    EXPECT_THAT(message(), HasSubstr("not an operations file"));

    ASSERT_TRUE(write_operations(path, {"set"}, sample_operations(20'000)));
    const std::string whole = *read_file(path);
    for (const std::size_t cut : {whole.size() / 2, whole.size() - 1}) {
        ASSERT_TRUE(write_file(path, whole.substr(0, cut)));
        EXPECT_THAT(message(), HasSubstr("cut short")) << cut;
        EXPECT_THAT(message(), HasSubstr(path.string()));
    }
    std::string damaged = whole;
    damaged[damaged.size() - 2] =
        static_cast<char>(damaged[damaged.size() - 2] ^ 1);  // the checksum
    ASSERT_TRUE(write_file(path, damaged));
    EXPECT_THAT(message(), HasSubstr("damaged"));
}

TEST(OperationsFile, NeverTakesDamageForContent) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "operations.zst";
    const OperationLog log = sample_operations(300);
    ASSERT_TRUE(write_operations(path, {"set", "get"}, log));
    const std::string whole = *read_file(path);
    Random random(11);
    for (int attempt = 0; attempt < 200; ++attempt) {
        std::string damaged = whole;
        char& byte = damaged[random.below(damaged.size())];
        byte = static_cast<char>(byte ^ static_cast<char>(1 + random.below(255)));
        std::filesystem::remove(path);
        const UniqueFd fd(::creat(path.c_str(), 0600));
        ASSERT_TRUE(write_all(fd.get(), damaged));
        const auto read = read_operations(path);
        if (!read) continue;  // a bit of the frame header that zstd ignores does no harm
        ASSERT_EQ(read->operations.size(), log.size());
        EXPECT_TRUE(equal(read->operations[299], log[299])) << "attempt " << attempt;
    }
}

TEST(OperationsFile, SaysThatTheDiskIsFull) {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
    const TemporaryFolder folder;
    const auto path = folder.path() / "operations.zst";
    std::filesystem::create_symlink("/dev/full", path.string() + ".new");
    const auto written = write_operations(path, {"set"}, sample_operations(100));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::no_space);
    EXPECT_THAT(written.error().message, HasSubstr(path.string()));
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace faultline
