// SPDX-License-Identifier: Apache-2.0
#include "harness/load/operation_store.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace faultline {
namespace {

constexpr Duration timeout = std::chrono::milliseconds(100);

TEST(OperationStore, ShowsOnlyOperationsBeforeTheFirstThatIsInFlight) {
    OperationStore store(timeout);
    for (int i = 0; i < 4; ++i)
        store.append(instant_of(1000 + i));
    store.settle(0, {}, instant_of(2000));
    store.settle(2, {}, instant_of(2000));
    store.publish();
    EXPECT_EQ(store.settled_since(0).size(), 1U);
    store.settle(1, {Outcome::failed, Failure::error_reply}, instant_of(3000));
    store.publish();
    ASSERT_EQ(store.settled_since(1).size(), 2U);
    EXPECT_EQ(store.settled_since(1)[0].failure, Failure::error_reply);
    EXPECT_TRUE(store.settled_since(3).empty());
    EXPECT_EQ(store.progress().ok, 2U);
    EXPECT_EQ(store.progress().failed, 1U);
    EXPECT_EQ(store.progress().intended, 4U);
}

TEST(OperationStore, ReplyAfterTheDeadlineIsATimeoutAtTheDeadline) {
    OperationStore store(timeout);
    store.append(instant_of(1000));
    store.settle(0, {}, instant_of(1001) + timeout);
    EXPECT_EQ(store[0].outcome, Outcome::unknown);
    EXPECT_EQ(store[0].failure, Failure::timeout);
    EXPECT_EQ(instant_of(store[0].end_ns), instant_of(1000) + timeout);
}

TEST(OperationStore, FateIsWrittenOnce) {
    OperationStore store(timeout);
    store.append(instant_of(1000));
    store.settle(0, {Outcome::unknown, Failure::connection}, instant_of(1500));
    store.settle(0, {}, instant_of(1600));
    EXPECT_EQ(store[0].failure, Failure::connection);
    EXPECT_EQ(store[0].end_ns, 1500);
}

TEST(OperationStore, CanBeWatchedWhileItGrowsByMillions) {
    // A tenth of ten million; the thread sanitizer watches the growing of chunks.
    constexpr std::size_t count = 1'000'000;
    OperationStore store(timeout);
    std::atomic<bool> done{false};
    std::thread watcher([&] {
        std::size_t seen = 0;
        while (!done || seen < count) {
            for (const Operation& operation : store.settled_since(seen)) {
                EXPECT_EQ(operation.intended_ns, static_cast<std::int64_t>(1000 + seen));
                ++seen;
            }
        }
    });
    for (std::size_t i = 0; i < count; ++i) {
        const Instant at = instant_of(static_cast<std::int64_t>(1000 + i));
        store.append(at);
        store.settle(i, {}, at);
        if (i % 100 == 99) store.publish();
    }
    done = true;
    watcher.join();
    EXPECT_EQ(store.take().size(), count);
}

TEST(OperationStore, TakesFarLessThanSixtyFourBytesAnOperation) {
    constexpr std::size_t ten_million = 10'000'000;
    const std::size_t chunks =
        (ten_million + OperationLog::chunk_size - 1) / OperationLog::chunk_size;
    const std::size_t bytes = chunks * OperationLog::chunk_size * sizeof(Operation) +
                              OperationStore::chunk_count_max * sizeof(void*);
    EXPECT_LE(bytes / ten_million, 33U);
    EXPECT_GE(OperationStore::chunk_count_max * OperationLog::chunk_size, ten_million);
}

}  // namespace
}  // namespace faultline
