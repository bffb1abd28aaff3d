// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>

#include "targets/core/failover/consensus.hpp"

namespace ftcore {

/// What the disk has been asked for and has not yet synced: after a failed sync exactly this must
/// be written again.
class UnsyncedSteps {
  public:
    void submitted(const StorageWork& work) {
        if (work.hard_state) hard_state_ = *work.hard_state;
        Index first = work.truncate_from.value_or(0);
        if (!work.append.empty() && (first == 0 || work.append.front().index < first))
            first = work.append.front().index;
        steps_.push_back({work.sequence, first, work.snapshot.has_value()});
        last_ = work.sequence;
    }
    void synced(std::uint64_t sequence) {
        while (!steps_.empty() && steps_.front().sequence <= sequence)
            steps_.pop_front();
    }

    /// The newest term and vote that were submitted. `initial`: what was found at the start.
    void start_with(HardState initial) { hard_state_ = initial; }
    [[nodiscard]] HardState hard_state() const { return hard_state_; }
    /// The lowest index whose entry is not surely on disk; 0: none.
    [[nodiscard]] Index first_entry() const {
        Index first = 0;
        for (const Step& step : steps_) {
            if (step.first != 0 && (first == 0 || step.first < first)) first = step.first;
        }
        return first;
    }
    /// A piece of a received snapshot is among them; it cannot be written again from memory.
    [[nodiscard]] bool has_snapshot() const {
        return std::any_of(
            steps_.begin(), steps_.end(), [](const Step& step) { return step.snapshot; });
    }
    [[nodiscard]] std::uint64_t last_sequence() const { return last_; }

  private:
    struct Step {
        std::uint64_t sequence = 0;
        Index first = 0;
        bool snapshot = false;
    };
    std::deque<Step> steps_;
    HardState hard_state_{};
    std::uint64_t last_ = 0;
};

}  // namespace ftcore
