// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/monitor/signal.hpp"

namespace ftcore {

/// What this process uses, from one look to the next. Thread: one owner.
class ResourceMeter {
  public:
    /// `disk_free_bytes`: what the storage has seen last; absent counts as 0.
    /// Shape: the first look has no share of the processor yet.
    [[nodiscard]] signal::Resources look(Instant now, std::optional<std::int64_t> disk_free_bytes);

  private:
    std::optional<Instant> looked_{};
    Duration cpu_used_{};
};

}  // namespace ftcore
