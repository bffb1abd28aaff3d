// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/detect/failure_detector.hpp"

namespace ftcore {

/// Suspects when nothing has arrived for a fixed time.
class FixedTimeoutDetector final : public FailureDetector {
  public:
    /// Requires: timeout > 0.
    explicit FixedTimeoutDetector(Duration timeout);

    [[nodiscard]] std::string_view name() const override { return "fixed_timeout"; }
    void arrived(Instant now, std::uint64_t sequence, Duration interval) override;
    [[nodiscard]] Assessment assess(Instant now) const override;
    [[nodiscard]] Instant deadline() const override;
    void reset(Instant now) override;

  private:
    Duration timeout_;
    std::optional<Instant> last_{};
};

}  // namespace ftcore
