// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/detect/failure_detector.hpp"

namespace ftcore {

/// Suspects when the connection breaks, trusts again when something arrives. The quickest where the
/// kernel of the peer lives on: it closes the connections of a dead process. Says nothing about a
/// process that hangs or a network that drops.
class ConnectionLossDetector final : public FailureDetector {
  public:
    [[nodiscard]] std::string_view name() const override { return "connection_loss"; }

    void lost(Instant now);

    void arrived(Instant now, std::uint64_t sequence, Duration interval) override;
    [[nodiscard]] Assessment assess(Instant now) const override;
    [[nodiscard]] Instant deadline() const override { return Instant::max(); }
    void reset(Instant now) override;

  private:
    Trust trust_ = Trust::unknown;
};

}  // namespace ftcore
