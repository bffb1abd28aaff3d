// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "targets/core/detect/hysteresis.hpp"

namespace ftcore {

struct OverloadSettings {
    std::size_t queue_high = 1000;  // client commands waiting
    std::size_t queue_low = 200;
    Duration latency_max = std::chrono::milliseconds(100);  // commands that wait so long are late
    Duration on_after = std::chrono::milliseconds(100);
    Duration off_after = std::chrono::milliseconds(500);
};

/// More comes in than goes out: the queue is long, and what leaves it has waited too long. A long
/// queue that moves quickly is only a busy node.
class OverloadDetector {
  public:
    explicit OverloadDetector(OverloadSettings settings);

    [[nodiscard]] static std::string_view name() { return "overload"; }
    /// `latency`: the recent median; zero when nothing was answered.
    Change assess(Instant now, std::size_t queue_depth, Duration latency);
    [[nodiscard]] bool active() const { return state_.active(); }
    [[nodiscard]] bool queue_is_long(std::size_t queue_depth) const {
        return queue_depth >= settings_.queue_high;
    }
    [[nodiscard]] Instant deadline() const { return state_.deadline(); }

  private:
    OverloadSettings settings_;
    Hysteresis state_;
};

}  // namespace ftcore
