// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline::link {

/// What is on for half a period and off for the other half, from `start` on. A function of time
/// alone, so lateness of one change does not move the next.
struct FlapPlan {
    Instant start;
    Duration period;  // at least 2 ns

    /// Requires: at >= start.
    [[nodiscard]] bool on(Instant at) const;
    /// The first change after `at`. Requires: at >= start.
    [[nodiscard]] Instant next_change(Instant at) const;
};

/// Carries a plan out from a thread of its own. What stands still for longer than half a period
/// skips the changes it missed and goes on with what the plan says then.
/// Thread: any one; `set` is called on the thread of its own.
class Flapping {
  public:
    explicit Flapping(std::function<Result<>(bool on)> set);
    ~Flapping();
    Flapping(const Flapping&) = delete;
    Flapping& operator=(const Flapping&) = delete;

    /// From here on `set` is called at each change of the plan. The caller has made it "on" itself.
    void begin(FlapPlan plan);
    /// Calls nothing more once it returns. Idempotent. Errors: the first that `set` answered.
    [[nodiscard]] Result<> stop();

  private:
    void run();

    std::function<Result<>(bool on)> set_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<FlapPlan> plan_;
    bool stopping_ = false;
    Result<> outcome_;
    std::thread thread_;  // last: it uses everything above
};

}  // namespace faultline::link
