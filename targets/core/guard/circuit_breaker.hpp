// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore::guard {

struct BreakerSettings {
    double failure_share = 0.5;  // of the calls in the window: opens
    int calls_min = 10;          // in the window, before the share means anything
    Duration window = std::chrono::seconds(10);
    Duration open_for = std::chrono::seconds(1);       // before a probe is let through
    Duration open_for_max = std::chrono::seconds(30);  // it doubles with every failed probe
    int probes = 1;                                    // successes in a row that close it again
};

/// Stops calling what fails most of the time, and finds out with single probes when it is back:
///
///             share of failures reached              open_for is over
///    closed ───────────────────────────► open ───────────────────────► half open
///       ▲                                  ▲        a probe fails          │ │
///       │                                  └───────────────────────────────┘ │
///       └────────────────────────────────────────────────────────────────────┘
///                              `probes` successes in a row
///
/// Source: Nygard, "Release It!" (2nd edition, 2018), section "Circuit Breaker".
/// Thread: one owner.
class CircuitBreaker {
  public:
    enum class State : std::uint8_t { closed, open, half_open };

    /// Says for which state a call was let through: late answers of an earlier one are not counted.
    struct Permit {
        std::uint32_t epoch = 0;
        Instant given{};
    };

    /// Requires: 0 < failure_share <= 1; calls_min, probes, window and open_for positive.
    explicit CircuitBreaker(BreakerSettings settings);

    /// Nothing: the call must not be made.
    [[nodiscard]] std::optional<Permit> admit(Instant now);
    /// How a permitted call went.
    void succeeded(Instant now, Permit permit);
    void failed(Instant now, Permit permit);
    /// It went in a way that says nothing (the caller's own mistake).
    void abandoned(Permit permit);

    [[nodiscard]] State state(Instant now) const;
    /// When the next probe is let through. Requires: not closed.
    [[nodiscard]] Instant probe_at() const { return probe_at_; }

  private:
    static constexpr std::size_t slice_count = 10;
    /// The calls of a tenth of the window.
    struct Slice {
        std::int64_t number = -1;  // which tenth since the clock began
        int calls = 0;
        int failures = 0;
    };

    void count(Instant now, bool failure);
    [[nodiscard]] bool too_many_failures(Instant now) const;
    [[nodiscard]] std::int64_t slice_number(Instant now) const;
    void open(Instant now, Duration span);
    void close();
    void enter(State state);

    BreakerSettings settings_;
    State state_ = State::closed;
    std::uint32_t epoch_ = 0;
    std::array<Slice, slice_count> slices_{};
    Duration open_for_;
    Instant probe_at_{};    // open: when it may half open; half open: when a probe
    bool probing_ = false;  //   that never came back is given up
    int probes_succeeded_ = 0;
};

/// "closed", "open", "half-open".
[[nodiscard]] std::string_view name_of(CircuitBreaker::State state);

}  // namespace ftcore::guard
