// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "targets/core/detect/failure_detector.hpp"

namespace ftcore {

struct PhiSettings {
    /// Suspects when the odds against another arrival are 10^threshold to 1.
    double threshold = 8;
    std::size_t window = 1000;  // spans between arrivals that are remembered
    /// A stretch without any jitter must not make the detector nervous.
    Duration deviation_min = std::chrono::microseconds(500);
};

/// Learns mean and deviation of the spans between arrivals and measures silence on a scale of
/// doubt: phi(t) = -log10 P(the next arrival comes later than t), taking the spans for normally
/// distributed. Constant time per arrival. Source: Hayashibara, Defago, Yared, Katayama, "The phi
/// Accrual Failure Detector" (2004).
class PhiAccrualDetector final : public FailureDetector {
  public:
    explicit PhiAccrualDetector(PhiSettings settings);

    [[nodiscard]] std::string_view name() const override { return "phi_accrual"; }
    void arrived(Instant now, std::uint64_t sequence, Duration interval) override;
    /// `level` is phi.
    [[nodiscard]] Assessment assess(Instant now) const override;
    [[nodiscard]] Instant deadline() const override;
    void reset(Instant now) override;

    /// Units: seconds.
    [[nodiscard]] double mean() const;
    [[nodiscard]] double deviation() const;

    /// Below this many spans the sender's own interval stands for the estimate.
    static constexpr std::size_t spans_min = 10;
    /// Longer spans count as this: one long pause must not blind the detector for a whole window.
    static constexpr Duration span_max = std::chrono::milliseconds(500);

  private:
    void remember(std::int64_t microseconds);

    PhiSettings settings_;
    double deviations_;  // of a normal variable at which phi reaches the threshold
    Duration interval_{};
    std::uint64_t last_sequence_ = 0;
    std::optional<Instant> last_{};
    std::vector<std::int64_t> spans_{};  // ring; whole microseconds keep the sums exact
    std::size_t next_ = 0;
    std::int64_t sum_ = 0;
    std::int64_t sum_of_squares_ = 0;
};

}  // namespace ftcore
