// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "targets/core/monitor/latency_window.hpp"
#include "targets/core/monitor/signal.hpp"
#include "targets/core/monitor/windows.hpp"

namespace ftcore {

/// Whether an answer with this code is a failure of the service: not the caller's mistake, not
/// somebody else's turn, and not what this node refused on purpose (that would feed on itself).
[[nodiscard]] bool is_failure(ErrorCode code);

/// Client operations of the last `span`. Thread: one owner.
class OperationMonitor {
  public:
    explicit OperationMonitor(Duration span);

    void record(Instant now, const signal::Operation& operation);

    [[nodiscard]] std::uint64_t total(Instant now) { return total_.sum(now); }
    [[nodiscard]] std::uint64_t failed(Instant now) { return failed_.sum(now); }
    /// The code of most failures in the window.
    [[nodiscard]] std::optional<ErrorCode> most_frequent_failure(Instant now);
    /// Of all that were carried out.
    [[nodiscard]] LatencyWindow& latency() { return latency_; }
    [[nodiscard]] const std::optional<Instant>& last_at() const { return last_at_; }

  private:
    LatencyWindow latency_;
    CountWindow total_;
    CountWindow failed_;
    std::vector<CountWindow> by_code_;  // by error_position
    std::optional<Instant> last_at_{};
};

}  // namespace ftcore
