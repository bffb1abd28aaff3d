// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/types.hpp"

namespace ftcore::guard {

/// What blocking layers wait with; tests bring their own.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() = 0;
    virtual void wait_until(Instant when) = 0;
};

/// CLOCK_MONOTONIC and the thread's own sleep. Thread: any.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] Instant now() override;
    void wait_until(Instant when) override;
};

}  // namespace ftcore::guard
