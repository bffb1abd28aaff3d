// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/types.hpp"

namespace ftcore {

/// One look at something: clearly bad, clearly good, or between the two bounds.
enum class Reading : std::uint8_t { good, between, bad };
enum class Change : std::uint8_t { none, begins, ends };

/// Turns readings into a state that does not flap: it begins when readings were bad for a while and
/// ends when they were good for a while. Thread: one owner.
class Hysteresis {
  public:
    struct Settings {
        Duration on_after{};
        Duration off_after{};
    };
    explicit Hysteresis(Settings settings) : settings_(settings) {}

    Change update(Instant now, Reading reading);
    [[nodiscard]] bool active() const { return active_; }
    /// When a change is due if the readings stay as they are; Instant::max() when none is.
    [[nodiscard]] Instant deadline() const;

  private:
    Settings settings_;
    bool active_ = false;
    std::optional<Instant> opposed_since_{};  // readings have spoken against `active_` since then
};

}  // namespace ftcore
