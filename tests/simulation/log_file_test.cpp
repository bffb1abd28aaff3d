// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/log_file.hpp"

#include <gtest/gtest.h>

namespace ftcore::simulation {
namespace {

StorageWork entries(Index from, Index to) {
    StorageWork work;
    for (Index index = from; index <= to; ++index)
        work.append.push_back(
            {.index = index, .term = 1, .kind = EntryKind::command, .data = "some data"});
    return work;
}

TEST(SimulatedLog, KeepsWhatWasSyncedWhateverCrashes) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Random random(seed);
        Counts counts;
        LogFile log(300);
        log.append(entries(1, 5), {});
        log.sync();
        log.append(entries(6, 12), {5, 1});
        log.crash(CrashKind::power_loss, false, random, counts);
        const LogFile::Read read = log.recover({}, false);
        EXPECT_EQ(read.lie, "") << seed;
        EXPECT_FALSE(read.scan.damaged) << seed;
        EXPECT_GE(read.scan.entries.size(), 5U) << seed;
    }
}

TEST(SimulatedLog, KeepsAllThatTheKernelHadWhenAProcessCrashes) {
    Random random(1);
    Counts counts;
    LogFile log(1 << 20);
    log.append(entries(1, 5), {});
    log.crash(CrashKind::process, false, random, counts);
    EXPECT_EQ(log.recover({}, false).scan.entries.size(), 5U);
}

TEST(SimulatedLog, FindsEveryFlipBeforeASyncMark) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        Random random(seed);
        LogFile log(1 << 20);
        log.append(entries(1, 5), {});
        log.sync();
        log.append(entries(6, 8), {5, 1});
        log.sync();
        ASSERT_TRUE(log.flip(random));
        const LogFile::Read read = log.recover({}, false);
        EXPECT_EQ(read.lie, "") << seed;
        EXPECT_TRUE(read.scan.damaged) << seed;
        EXPECT_GE(read.scan.must_reach, 8U) << seed;
        EXPECT_LT(read.scan.entries.size(), 5U) << seed;
    }
}

TEST(SimulatedLog, DoesNotFlipWhatNobodyCouldTellFromATornTail) {
    Random random(1);
    LogFile log(1 << 20);
    log.append(entries(1, 5), {});
    log.sync();
    EXPECT_FALSE(log.flip(random));
}

}  // namespace
}  // namespace ftcore::simulation
