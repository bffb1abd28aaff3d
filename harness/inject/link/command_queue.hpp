// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"

namespace faultline::link {

/// What other threads ask the engine's thread to do, one after the other.
class CommandQueue {
  public:
    [[nodiscard]] Result<> open();
    /// Becomes readable with every command; never needs to be read when it is watched for edges.
    [[nodiscard]] int descriptor() const { return event_.get(); }

    /// Returns when the engine's thread has carried it out. Thread: any but the engine's.
    void run(const std::function<void()>& action);

    /// Thread: the engine's.
    [[nodiscard]] bool waiting() const { return any_.load(std::memory_order_acquire); }
    void carry_out();

  private:
    struct Command {
        const std::function<void()>& action;
        bool done = false;
    };

    UniqueFd event_;
    std::mutex mutex_;
    std::condition_variable done_;
    std::vector<Command*> commands_;
    std::atomic<bool> any_{false};
};

}  // namespace faultline::link
