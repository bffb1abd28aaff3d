// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "targets/core/detect/failure_detector.hpp"

namespace ftcore {

struct ChenSettings {
    Duration safety_margin = std::chrono::milliseconds(30);  // alpha
    std::size_t window = 100;                                // arrivals that estimate the next
};

/// NFD-E: estimates when the next heartbeat is due from the last arrivals, each shifted back by its
/// number of intervals, and suspects when it is overdue by a constant margin. Late arrivals do not
/// put off the next deadline, and lost ones do no harm. Expects a sender that keeps to its
/// schedule: after a pause of the sender the estimate is off until the window has passed. Source:
/// Chen, Toueg, Aguilera, "On the Quality of Service of Failure Detectors" (2002), section 6.
class ChenDetector final : public FailureDetector {
  public:
    explicit ChenDetector(ChenSettings settings);

    [[nodiscard]] std::string_view name() const override { return "chen"; }
    void arrived(Instant now, std::uint64_t sequence, Duration interval) override;
    [[nodiscard]] Assessment assess(Instant now) const override;
    [[nodiscard]] Instant deadline() const override;
    void reset(Instant now) override;

  private:
    void restart(Instant now, std::uint64_t sequence, Duration interval);

    ChenSettings settings_;
    Duration interval_{};
    Instant origin_{};                   // of the first arrival in the window's history
    std::uint64_t origin_sequence_ = 0;  // its number
    std::uint64_t last_sequence_ = 0;
    Instant last_{};
    std::vector<Duration> shifted_{};  // ring: arrival - number * interval, both from the origin
    std::size_t next_ = 0;
    Duration sum_{};
};

}  // namespace ftcore
