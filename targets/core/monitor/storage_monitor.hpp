// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "targets/core/monitor/latency_window.hpp"
#include "targets/core/monitor/signal.hpp"

namespace ftcore {

/// Synced writes: their distribution in the last `span`, the last few one by one, and what the last
/// one came to. Thread: one owner.
class StorageMonitor {
  public:
    explicit StorageMonitor(Duration span) : latency_(span) {}

    void record(Instant now, const signal::Storage& write);

    [[nodiscard]] Duration p99(Instant now) { return latency_.quantile(now, 0.99); }
    [[nodiscard]] LatencyWindow& latency() { return latency_; }

    static constexpr std::size_t recent_count = 6;
    struct Recent {
        std::size_t count = 0;   // of the last `recent_count` writes
        std::size_t slower = 0;  // of them, than the bound
        Duration within{};       // from the begin of the first to the end of the last
        Duration median{};
    };
    /// Many quick writes of the past hide a disk that has become slow: a slow disk completes few.
    /// The last few writes show it at once.
    [[nodiscard]] Recent recent(Duration bound) const;

    [[nodiscard]] ErrorCode last_outcome() const { return last_outcome_; }
    [[nodiscard]] const std::string& last_failure() const { return last_failure_; }
    [[nodiscard]] const std::optional<Instant>& last_at() const { return last_at_; }
    [[nodiscard]] std::uint64_t failures() const { return failures_; }

  private:
    struct Write {
        Instant end{};
        Duration latency{};
    };

    LatencyWindow latency_;
    std::array<Write, recent_count> recent_{};  // a ring
    std::uint64_t succeeded_ = 0;
    std::uint64_t failures_ = 0;
    ErrorCode last_outcome_ = ErrorCode::none;
    std::string last_failure_{};
    std::optional<Instant> last_at_{};
};

}  // namespace ftcore
