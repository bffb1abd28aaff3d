// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <queue>

#include "tests/simulation/world/clock.hpp"

namespace ftcore::simulation {

/// What will happen, in the order of true time; what was asked for first goes first at the same
/// instant.
class EventQueue {
  public:
    using Action = std::function<void()>;

    void at(TrueTime time, Action action);

    /// When the next event is due, if there is one.
    [[nodiscard]] std::optional<TrueTime> next() const;

    /// Takes the next event out. Requires: there is one.
    [[nodiscard]] Action take();

  private:
    struct Entry {
        TrueTime time;
        std::uint64_t order;
        std::uint32_t slot;
        bool operator<(const Entry& other) const {
            return time != other.time ? time > other.time : order > other.order;
        }
    };
    std::priority_queue<Entry> entries_;
    // The actions lie apart, so that sorting moves small things.
    std::vector<Action> actions_;
    std::vector<std::uint32_t> free_;
    std::uint64_t order_ = 0;
};

}  // namespace ftcore::simulation
