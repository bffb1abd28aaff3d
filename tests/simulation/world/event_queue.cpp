// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world/event_queue.hpp"

#include "harness/base/check.hpp"

namespace ftcore::simulation {

void EventQueue::at(TrueTime time, Action action) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(actions_.size());
        actions_.push_back(std::move(action));
    } else {
        slot = free_.back();
        free_.pop_back();
        actions_[slot] = std::move(action);
    }
    entries_.push({time, order_++, slot});
}

std::optional<TrueTime> EventQueue::next() const {
    if (entries_.empty()) return std::nullopt;
    return entries_.top().time;
}

EventQueue::Action EventQueue::take() {
    FL_CHECK(!entries_.empty());
    const std::uint32_t slot = entries_.top().slot;
    entries_.pop();
    free_.push_back(slot);
    return std::exchange(actions_[slot], nullptr);
}

}  // namespace ftcore::simulation
