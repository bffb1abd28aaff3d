// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore {

enum class Trust : std::uint8_t {
    unknown,  // nothing has arrived yet: nobody is accused before it has been there
    trusted,
    doubted,  // silent for too long, not yet accused: ask another way
    suspected
};

struct Assessment {
    Trust trust = Trust::unknown;
    /// How unusual the silence is, in the detector's own measure: phi, or the share of the timeout.
    double level = 0;
};

/// Decides from the arrivals of one peer's heartbeats whether the peer is gone. Pure: `now` comes
/// from outside and never goes back. Thread: one owner.
class FailureDetector {
  public:
    virtual ~FailureDetector() = default;

    /// As events say it: "phi_accrual".
    [[nodiscard]] virtual std::string_view name() const = 0;

    /// Heartbeat number `sequence` came; the sender sends one every `interval`.
    virtual void arrived(Instant now, std::uint64_t sequence, Duration interval) = 0;
    [[nodiscard]] virtual Assessment assess(Instant now) const = 0;
    /// From when on it suspects if nothing more arrives; Instant::max() when it never will.
    [[nodiscard]] virtual Instant deadline() const = 0;
    /// Forgets all arrivals: the next one begins anew.
    virtual void reset(Instant now) = 0;
};

}  // namespace ftcore
