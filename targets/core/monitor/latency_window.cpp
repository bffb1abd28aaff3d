// SPDX-License-Identifier: Apache-2.0
#include "targets/core/monitor/latency_window.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ftcore {
namespace {

constexpr int unit_bits = 10;  // a microsecond, nearly
constexpr int sub_bits = 4;    // 16 buckets for each doubling
constexpr std::uint64_t sub_count = 1U << sub_bits;
constexpr std::uint64_t units_max = (std::uint64_t{1} << 32) - 1;

}  // namespace

std::size_t LatencyWindow::bucket_of(Duration latency) {
    const auto nanoseconds =
        static_cast<std::uint64_t>(std::max(latency, Duration::zero()).count());
    const std::uint64_t units = std::min(nanoseconds >> unit_bits, units_max);
    if (units < sub_count) return units;
    const int shift = static_cast<int>(std::bit_width(units)) - sub_bits - 1;
    return static_cast<std::size_t>(shift) * sub_count + (units >> shift);
}

Duration LatencyWindow::upper_edge(std::size_t bucket) {
    const std::uint64_t shift = bucket < 2 * sub_count ? 0 : bucket / sub_count - 1;
    const std::uint64_t units = (bucket - shift * sub_count + 1) << shift;
    return Duration(static_cast<std::int64_t>(units << unit_bits));
}

LatencyWindow::LatencyWindow(Duration span) : clock_(span), slots_(SlotClock::slots) {
    static_assert(buckets == (32 - sub_bits + 1) * sub_count);
}

void LatencyWindow::record(Instant now, Duration latency) {
    const std::size_t bucket = bucket_of(latency);
    ++slots_[advance(now)][bucket];
    ++sum_[bucket];
    ++count_;
}

std::uint64_t LatencyWindow::count(Instant now) {
    advance(now);
    return count_;
}

Duration LatencyWindow::quantile(Instant now, double share) {
    advance(now);
    if (count_ == 0) return Duration::zero();
    const auto rank = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        seen += sum_[bucket];
        if (seen >= rank) return upper_edge(bucket);
    }
    return upper_edge(buckets - 1);
}

std::size_t LatencyWindow::advance(Instant now) {
    return clock_.advance(now, [this](std::size_t slot) {
        Histogram& old = slots_[slot];
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            sum_[bucket] -= old[bucket];
            count_ -= old[bucket];
        }
        old.fill(0);
    });
}

}  // namespace ftcore
