// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "harness/inject/process/freezer.hpp"

namespace faultline {

/// Lets victims run for a share of every period by freezing them for the rest, where the kernel's
/// own CPU bandwidth control (cpu.max) is not to be had. Its precision is that of waking a thread:
/// some 0.1 ms of 10.
///
///   |run|------frozen------|run|------frozen------|
///   0   share × period     period
class DutyCycle {
  public:
    static constexpr Duration period = std::chrono::milliseconds(10);

    /// `freezers` outlive this.
    DutyCycle(const std::vector<Freezer>& freezers, double share);
    ~DutyCycle();  // stops and thaws
    DutyCycle(const DutyCycle&) = delete;
    DutyCycle& operator=(const DutyCycle&) = delete;

    /// Freezes at once; the thread, which waits already, goes on from there. Once.
    [[nodiscard]] Result<> start();
    /// Stops cycling and thaws for good. Idempotent.
    [[nodiscard]] Result<> stop();

    /// How many frozen phases there were, and in how many every victim was frozen when looked at.
    struct Looks {
        std::uint64_t all = 0;
        std::uint64_t frozen = 0;
    };
    [[nodiscard]] Looks looks() const { return {looks_all_, looks_frozen_}; }

  private:
    enum class Phase { waiting, cycling, stopping };

    void run();
    /// Returns false when it is time to stop.
    bool sleep_until(Instant when);
    [[nodiscard]] Result<> freeze_all() const;
    [[nodiscard]] Result<> thaw_all() const;

    const std::vector<Freezer>& freezers_;
    double share_;
    std::atomic<std::uint64_t> looks_all_{0};
    std::atomic<std::uint64_t> looks_frozen_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    Phase phase_ = Phase::waiting;  // under mutex_
    std::thread thread_;            // last: it uses everything above
};

}  // namespace faultline
