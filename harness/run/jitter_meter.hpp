// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "harness/base/time.hpp"

namespace faultline {

/// How late this machine wakes a thread that only sleeps, measured while a trial runs: what no
/// measure of that trial can be better than. Costs about 500 wake-ups a second.
class JitterMeter {
  public:
    JitterMeter();
    ~JitterMeter();
    JitterMeter(const JitterMeter&) = delete;
    JitterMeter& operator=(const JitterMeter&) = delete;

    /// Ends the measuring. Shape: ascending lateness of every wake-up.
    [[nodiscard]] std::vector<Duration> finish();

  private:
    void measure();
    std::atomic<bool> stopping_{false};
    std::vector<Duration> lateness_;
    std::thread thread_;
};

}  // namespace faultline
