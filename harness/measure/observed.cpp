// SPDX-License-Identifier: Apache-2.0
#include "harness/measure/observed.hpp"

#include <algorithm>
#include <cmath>

namespace faultline {
namespace {

/// The end of the load cut this operation off before anybody could know its fate.
bool cut_off(const Operation& operation, Instant end, Duration patience) {
    const bool undecided = operation.end_ns == 0 || operation.failure == Failure::unsent;
    return undecided && instant_of(operation.intended_ns) > end - patience;
}

}  // namespace

std::size_t ObservedOperations::first_from(Instant when) const {
    std::size_t low = 0;
    std::size_t high = count;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (intended(middle) < when) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

ObservedOperations observe_operations(const Scenario& scenario, const Timeline& timeline) {
    ObservedOperations observed{timeline.operations, timeline.operations.size(), timeline.end};
    if (!scenario.load) return observed;
    observed.count = observed.first_from(timeline.end + Duration(1));
    // An operation that waited longer than its timeout without being sent is the target's doing and
    // stays; one that the end of the trial overtook says nothing.
    while (observed.count > 0 &&
           cut_off(observed.log[observed.count - 1], timeline.end, scenario.load->timeout)) {
        --observed.count;
        observed.until = observed.intended(observed.count);
    }
    if (observed.count > 0 && scenario.load->rate > 0) {
        // The load may have stopped before the trial did: beyond one arrival nothing was asked.
        const Duration arrival = duration_of_seconds(1.0 / scenario.load->rate);
        observed.until = std::min(observed.until, observed.intended(observed.count - 1) + arrival);
    }
    return observed;
}

bool reaches(const ConditionSpec& condition, std::size_t good, std::size_t all) {
    // 0.07 * 100 is a little more than 7 in binary; the exact share must still reach the condition.
    constexpr double rounding = 1e-12;
    const auto asked = condition.success_rate * static_cast<double>(all);
    return static_cast<double>(good) >= asked - rounding * static_cast<double>(all);
}

void SlidingWindow::move_to(std::size_t first) {
    FL_CHECK_OP(<=, first_, first);
    FL_CHECK_OP(<, first, operations_.count);
    for (; first_ < first; ++first_) {
        if (first_ < end_) {
            good_ -= is_good(operations_.log[first_], condition_) ? 1 : 0;
        } else {
            end_ = first_ + 1;
        }
    }
    const Instant last = operations_.intended(first_) + condition_.window;
    for (; end_ < operations_.count && operations_.intended(end_) <= last; ++end_) {
        good_ += is_good(operations_.log[end_], condition_) ? 1 : 0;
    }
}

Instant happened_at(const Event& event) {
    return event.seen == Instant{} ? event.at : std::min(event.at, event.seen);
}

}  // namespace faultline
