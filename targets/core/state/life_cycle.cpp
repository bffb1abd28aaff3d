// SPDX-License-Identifier: Apache-2.0
#include "targets/core/state/life_cycle.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace ftcore {
namespace {

constexpr std::size_t position(LifeState state) {
    return static_cast<std::size_t>(state);
}

using StateSet = std::uint16_t;
constexpr StateSet set_of(std::initializer_list<LifeState> states) {
    StateSet set = 0;
    for (const LifeState state : states)
        set = static_cast<StateSet>(set | (1U << position(state)));
    return set;
}

using enum LifeState;

// Row by row: from here to there. Whatever goes on, a node can isolate itself or stop.
constexpr std::array<StateSet, life_state_count> legal{
    /* starting       */ set_of({recovering, storage_failed, isolated, stopping}),
    /* recovering     */ set_of({secondary, storage_failed, isolated, stopping}),
    /* secondary      */ set_of({candidate, recovering, storage_failed, isolated, stopping}),
    /* candidate      */ set_of({primary, secondary, storage_failed, isolated, stopping}),
    /* primary        */ set_of({handing_over, secondary, storage_failed, isolated, stopping}),
    /* handing_over   */ set_of({primary, secondary, storage_failed, isolated, stopping}),
    /* storage_failed */ set_of({secondary, recovering, isolated, stopping}),
    /* isolated       */ set_of({stopping}),
    /* stopping       */ set_of({stopped}),
    /* stopped        */ set_of({}),
};

/// The states on the shortest way, without the first; empty when there is none. Breadth first.
std::vector<LifeState> way(LifeState from, LifeState to) {
    std::array<std::optional<LifeState>, life_state_count> came_from{};
    std::deque<LifeState> border{from};
    while (!border.empty() && !came_from[position(to)]) {
        const LifeState at = border.front();
        border.pop_front();
        for (std::size_t next = 0; next < life_state_count; ++next) {
            const auto state = static_cast<LifeState>(next);
            if (state == from || came_from[next] || !is_legal(at, state)) continue;
            came_from[next] = at;
            border.push_back(state);
        }
    }
    std::vector<LifeState> steps;
    if (!came_from[position(to)]) return steps;
    for (LifeState at = to; at != from; at = *came_from[position(at)])
        steps.push_back(at);
    std::reverse(steps.begin(), steps.end());
    return steps;
}

}  // namespace

std::string_view name_of(LifeState state) {
    switch (state) {
        case starting:
            return "starting";
        case recovering:
            return "recovering";
        case secondary:
            return "secondary";
        case candidate:
            return "candidate";
        case primary:
            return "primary";
        case handing_over:
            return "handing_over";
        case storage_failed:
            return "storage_failed";
        case isolated:
            return "isolated";
        case stopping:
            return "stopping";
        case stopped:
            return "stopped";
    }
    return "stopped";
}

bool is_legal(LifeState from, LifeState to) {
    return (legal[position(from)] >> position(to) & 1U) != 0;
}

LifeCycle::LifeCycle(Instant started, std::size_t history_max)
    : history_max_(history_max), since_(started) {}

void LifeCycle::enter(Instant now, LifeState to, std::string_view reason) {
    if (to == state_) return;
    FL_CHECK(is_legal(state_, to));
    if (history_.size() == history_max_) history_.pop_back();
    history_.push_front({now, state_, to, std::string(reason)});
    state_ = to;
    since_ = now;
    ++changes_;
}

void LifeCycle::reach(Instant now, LifeState to, std::string_view reason) {
    if (to == state_) return;
    const std::vector<LifeState> steps = way(state_, to);
    FL_CHECK(!steps.empty());
    for (const LifeState step : steps)
        enter(now, step, reason);
}

std::vector<LifeCycle::Change> LifeCycle::history(std::size_t max) const {
    const auto count = static_cast<std::ptrdiff_t>(std::min(max, history_.size()));
    return {history_.begin(), history_.begin() + count};
}

std::vector<std::string> LifeCycle::lines(Instant now, std::size_t max) const {
    std::vector<std::string> text;
    for (const Change& change : history(max)) {
        text.push_back(fmt::format("{} ago {} -> {}: {}",
                                   faultline::format_duration(now - change.at),
                                   name_of(change.from),
                                   name_of(change.to),
                                   change.reason));
    }
    return text;
}

}  // namespace ftcore
