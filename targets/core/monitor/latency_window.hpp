// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "targets/core/monitor/windows.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// The distribution of latencies in the last `span`: a histogram whose buckets are 1/16 of their
/// value wide, one for each slot of time and one for their sum. Recording costs constant time and
/// allocates nothing; a quantile walks the buckets.
/// Source: Tene, HdrHistogram (the log-linear buckets).
class LatencyWindow {
  public:
    explicit LatencyWindow(Duration span);

    /// Latencies beyond 36 minutes count as that.
    void record(Instant now, Duration latency);

    [[nodiscard]] std::uint64_t count(Instant now);
    /// The upper edge of the bucket that holds the quantile; zero when nothing was recorded.
    /// Requires: 0 <= share <= 1.
    [[nodiscard]] Duration quantile(Instant now, double share);

    // ---- the buckets, for tests
    static constexpr std::size_t buckets = 464;
    [[nodiscard]] static std::size_t bucket_of(Duration latency);
    [[nodiscard]] static Duration upper_edge(std::size_t bucket);

  private:
    using Histogram = std::array<std::uint32_t, buckets>;

    std::size_t advance(Instant now);

    SlotClock clock_;
    std::vector<Histogram> slots_;
    Histogram sum_{};
    std::uint64_t count_ = 0;
};

}  // namespace ftcore
