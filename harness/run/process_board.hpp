// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

#include "harness/run/connection_owner.hpp"
#include "harness/scenario/selector.hpp"

namespace faultline {

/// Which process is which instance right now, and the load, which lives in this one.
/// Thread: set by the trial's, read by any.
class ProcessBoard {
  public:
    void set(const std::string& instance, pid_t pid) {
        const std::lock_guard lock(mutex_);
        pids_[instance] = pid;
    }
    /// The load comes last: this process has the most descriptors to look through.
    [[nodiscard]] std::vector<OwnerCandidate> candidates() const {
        std::vector<OwnerCandidate> all;
        const std::lock_guard lock(mutex_);
        for (const auto& [instance, pid] : pids_)
            all.push_back({instance, pid});
        all.push_back({std::string(load_end), ::getpid()});
        return all;
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::string, pid_t> pids_;
};

}  // namespace faultline
