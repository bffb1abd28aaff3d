// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/load/load.hpp"
#include "harness/measure/injection_measures.hpp"
#include "harness/timeline/timeline.hpp"

namespace faultline {

/// Follows the operations of a running load to know when steady state holds and when there is
/// nothing more to wait for. The measures themselves are taken afterwards from the whole timeline.
/// Thread: the trial's.
class Observation {
  public:
    /// `load` may be null: then steady state holds at once and recovery is not waited for.
    Observation(const Scenario& scenario, Load* load, Instant load_start);

    /// Takes in what has been settled since the last call.
    void update(const std::vector<Injection>& injections);
    [[nodiscard]] bool steady() const;
    /// Whether service has recovered from every injection and still holds now.
    [[nodiscard]] bool recovered() const;
    [[nodiscard]] double recent_success() const;
    [[nodiscard]] const ConditionWatch& steady_watch() const { return steady_; }

  private:
    const Scenario& scenario_;
    Load* load_;
    ConditionWatch steady_;
    struct Recovery {
        Instant from;
        ConditionWatch watch;
    };
    [[nodiscard]] Recovery begin_recovery(Instant from) const;

    std::vector<Recovery> recoveries_;  // one per injection
    std::vector<Operation>
        previous_;  // of the last update: an injection is learnt of a little late
    std::size_t next_ = 0;
};

}  // namespace faultline
