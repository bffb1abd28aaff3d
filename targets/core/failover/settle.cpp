// SPDX-License-Identifier: Apache-2.0
// What frames every input: the time is noted, and whatever has become possible is done and told.
#include <algorithm>
#include <utility>

#include "targets/core/failover/steps.hpp"

namespace ftcore::steps {
namespace {

void tell_progress(State& state) {
    Told& told = state.told;
    const Index reached = visible(state);
    if (reached > told.apply_to) {
        told.apply_to = reached;
        state.effects.apply_to = reached;
    }
    auto& accepted = state.leading.accepted;
    while (!accepted.empty() && accepted.front().index <= told.apply_to)
        accepted.pop_front();
}

void tell_role(State& state) {
    Told& told = state.told;
    const bool role =
        told.role != state.role || told.term != state.hard.term || told.leader != state.leader;
    if (role) state.effects.role_changed = true;
    told.role = state.role;
    told.term = state.hard.term;
    told.leader = state.leader;
    const bool serving = serves(state);
    if (std::exchange(told.serving, serving) != serving) state.effects.serving_changed = true;
}

}  // namespace

// Section 6.2: a leader that has not heard from a quorum for an election timeout is none; if it was
// stopped and goes on, it learns so before it does anything else.
void begin(State& state, Instant now) {
    state.now = std::max(state.now, now);
    if (state.leads() && state.now >= quorum_deadline(state)) step_down(state);
}

void settle(State& state) {
    release_held(state);
    if (state.leads()) {
        advance_commit(state);
        replicate(state);
        advance_hand_over(state);
        answer_reads(state);
    }
    tell_progress(state);
    tell_role(state);
}

}  // namespace ftcore::steps
