// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "targets/core/recover/condition.hpp"
#include "targets/core/repair/action.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

constexpr Duration no_deadline = Duration::max();

/// One thing to do, or to wait for.
struct Step {
    std::string name;                    // "rotate_log"
    std::optional<ActionBody> action{};  // absent: only wait
    Condition until = Condition::none;   // after the action was done
    Duration within = no_deadline;       // for all of it, attempts included
    std::vector<std::size_t> after{};    // steps that come first, by position
    int priority = 0;                    // of those that could begin now, the highest goes first
    /// A failed action is tried again: so many times in all (0: until the deadline), with pauses
    /// that double from the first to the last.
    int attempts = 1;
    Duration pause = std::chrono::milliseconds(100);
    Duration pause_max = std::chrono::seconds(1);
};

/// What a strategy does.
struct Plan {
    std::vector<Step> steps{};
    std::string effect{};  // what is true once it is done, for reports
    /// Afterwards this must come true and hold for a while before the repair counts as verified.
    Condition verify = Condition::none;
    Duration verify_hold{};
    Duration verify_within = std::chrono::seconds(5);
    /// Whether this node itself says `recovered` and `verified`; after a change of the leader the
    /// new one does.
    bool announces = false;
    /// Carried out if the plan is given up half way.
    std::vector<ActionBody> undo{};
};

/// An order in which each step comes after those it depends on, of those possible the highest
/// priority first. Errors: a cycle, or a dependency that does not exist, named. Source: Kahn 1962.
[[nodiscard]] Result<std::vector<std::size_t>> order_of(std::span<const Step> steps);

}  // namespace ftcore
