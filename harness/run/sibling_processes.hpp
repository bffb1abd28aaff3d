// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <sys/types.h>
#include <vector>

namespace faultline {

/// Which processes belong to which of the trials that run side by side, so that the leak audit of
/// one does not take another's for leaks. Marks in the environment are not enough: Redis writes its
/// title over them.
/// Thread: any.
class SiblingProcesses {
  public:
    void add(int trial, pid_t pid) {
        const std::lock_guard lock(mutex_);
        pids_[trial].insert(pid);
    }
    void forget(int trial) {
        const std::lock_guard lock(mutex_);
        pids_.erase(trial);
    }
    [[nodiscard]] std::vector<pid_t> of_others(int trial) const {
        const std::lock_guard lock(mutex_);
        std::vector<pid_t> others;
        for (const auto& [number, pids] : pids_) {
            if (number != trial) others.insert(others.end(), pids.begin(), pids.end());
        }
        return others;
    }

  private:
    mutable std::mutex mutex_;
    std::map<int, std::set<pid_t>> pids_;
};

}  // namespace faultline
