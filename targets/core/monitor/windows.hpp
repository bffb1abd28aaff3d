// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "targets/core/types.hpp"

namespace ftcore {

/// Divides the last `span` into slots, so that old values leave in constant time. A window holds
/// between (slots - 1) / slots of the span and all of it.
class SlotClock {
  public:
    static constexpr std::size_t slots = 10;

    /// Requires: span >= 10 ns.
    explicit SlotClock(Duration span) : slot_span_(span / slots) {}

    /// Moves on to `now` and calls `clear(slot)` for every slot whose content is too old; answers
    /// the slot of now.
    template <class Clear>
    std::size_t advance(Instant now, Clear clear) {
        const std::int64_t tick = now.time_since_epoch() / slot_span_;
        if (tick > tick_) {
            const std::int64_t passed = tick - tick_;
            for (std::int64_t i = 1; i <= passed && i <= std::int64_t{slots}; ++i)
                clear(position(tick_ + i));
            tick_ = tick;
        }
        return position(tick_);
    }

    [[nodiscard]] Duration span() const { return slot_span_ * std::int64_t{slots}; }

  private:
    static std::size_t position(std::int64_t tick) {
        const auto rest = tick % std::int64_t{slots};
        return static_cast<std::size_t>(rest < 0 ? rest + std::int64_t{slots} : rest);
    }

    Duration slot_span_;
    std::int64_t tick_ = 0;
};

/// How often something happened in the last `span`.
class CountWindow {
  public:
    explicit CountWindow(Duration span) : clock_(span) {}

    void add(Instant now, std::uint64_t count = 1);
    [[nodiscard]] std::uint64_t sum(Instant now);

  private:
    std::size_t advance(Instant now);

    SlotClock clock_;
    std::array<std::uint64_t, SlotClock::slots> slots_{};
    std::uint64_t sum_ = 0;
};

/// The largest value of the last `span`.
class MaximumWindow {
  public:
    explicit MaximumWindow(Duration span) : clock_(span) {}

    void record(Instant now, Duration value);
    [[nodiscard]] Duration maximum(Instant now);

  private:
    std::size_t advance(Instant now);

    SlotClock clock_;
    std::array<Duration, SlotClock::slots> slots_{};
};

}  // namespace ftcore
