// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace faultline {

/// Who holds the role that the load follows, as indices into the load's endpoints.
/// Thread: set by the trial's, read by the load's.
class RoleBoard {
  public:
    void set(std::vector<int> current) {
        const std::lock_guard lock(mutex_);
        current_ = std::move(current);
    }
    [[nodiscard]] std::vector<int> get() const {
        const std::lock_guard lock(mutex_);
        return current_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<int> current_;
};

}  // namespace faultline
