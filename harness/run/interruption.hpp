// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <set>

#include "harness/base/loop.hpp"

namespace faultline {

/// The wish to stop (Ctrl-C, SIGTERM, --fail-fast), carried into every trial that runs.
/// Thread: any.
class Interruption {
  public:
    void request();
    [[nodiscard]] bool requested() const { return requested_; }

    /// While alive, `loop` is interrupted as soon as a stop is requested.
    class Registration {
      public:
        Registration(Interruption& interruption, Loop& loop);
        ~Registration();
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;

      private:
        Interruption& interruption_;
        Loop& loop_;
    };

  private:
    std::atomic<bool> requested_{false};
    std::mutex mutex_;
    std::set<Loop*> loops_;
};

}  // namespace faultline
