// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/timer_heap.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/random.hpp"

namespace faultline::link {
namespace {

struct Entry final : Timed {
    void on_time(Instant) override {}
};

TEST(TimerHeap, GivesWhatIsDueInOrder) {
    TimerHeap heap;
    std::vector<Entry> entries(3);
    heap.set(entries[0], instant_of(30));
    heap.set(entries[1], instant_of(10));
    heap.set(entries[2], instant_of(20));
    EXPECT_EQ(heap.next(), instant_of(10));
    EXPECT_EQ(heap.take_due(instant_of(9)), nullptr);
    EXPECT_EQ(heap.take_due(instant_of(25)), &entries[1]);
    EXPECT_EQ(heap.take_due(instant_of(25)), &entries[2]);
    EXPECT_EQ(heap.take_due(instant_of(25)), nullptr);
    EXPECT_EQ(heap.next(), instant_of(30));
}

TEST(TimerHeap, AgreesWithASortedListWhateverIsMoved) {
    Random random(7);
    TimerHeap heap;
    std::vector<Entry> entries(40);
    std::map<const Timed*, Instant> expected;
    for (int step = 0; step < 20'000; ++step) {
        Entry& entry = entries[random.below(entries.size())];
        const bool out = random.below(4) == 0;
        const Instant due =
            out ? Instant::max() : instant_of(static_cast<std::int64_t>(random.below(1000)));
        heap.set(entry, due);
        expected[&entry] = due;
        Instant earliest = Instant::max();
        for (const auto& [one, at] : expected)
            earliest = std::min(earliest, at);
        ASSERT_EQ(heap.next(), earliest);
        if (random.below(8) != 0) continue;
        const Instant now = instant_of(static_cast<std::int64_t>(random.below(200)));
        const Timed* const taken = heap.take_due(now);
        ASSERT_EQ(taken != nullptr, earliest <= now);
        if (taken == nullptr) continue;
        ASSERT_EQ(expected[taken], earliest);
        expected[taken] = Instant::max();
    }
}

}  // namespace
}  // namespace faultline::link
