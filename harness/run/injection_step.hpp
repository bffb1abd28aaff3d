// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/run/injection_schedule.hpp"

namespace faultline {

/// One fault of the scenario on its way.
struct InjectionSchedule::Step {
    enum class State { waiting, resolving, armed, fired, done };
    const FaultSpec* spec = nullptr;
    std::size_t number = 0;
    State state = State::waiting;
    Instant planned{};
    Timer timer{};
    Timer clear_timer{};
    FaultHit hit{};
    std::unique_ptr<Fault> fault{};
    std::vector<std::uint64_t> undo_numbers{};
    std::size_t injection = 0;  // index into injections_
    bool clearing = false;      // a clear is planned or under way
    bool applied = false;       // there is something to take back
};

}  // namespace faultline
