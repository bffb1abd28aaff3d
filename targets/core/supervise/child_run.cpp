// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/child_run.hpp"

#include <algorithm>

namespace ftcore {

bool ChildRun::running() const {
    switch (state) {
        case ChildState::starting:
        case ChildState::up:
        case ChildState::stopping:
        case ChildState::killing:
            return true;
        case ChildState::ended:
        case ChildState::wanted:
            break;
    }
    return false;
}

bool ChildRun::lets_others_start() const {
    if (state == ChildState::ended) return true;
    return state == ChildState::up && (!spec.heartbeat_timeout || last_beat.has_value());
}

std::optional<Instant> ChildRun::silent_at() const {
    if (state != ChildState::up || !spec.heartbeat_timeout) return std::nullopt;
    Instant at = last_beat ? *last_beat + *spec.heartbeat_timeout
                           : started_at + std::max(spec.first_beat_within, *spec.heartbeat_timeout);
    if (listened_since) at = std::max(at, *listened_since + *spec.heartbeat_timeout / 2);
    return at;
}

std::optional<Instant> ChildRun::verified_at(Duration verified_after) const {
    if (state != ChildState::up || !unverified || spec.heartbeat_timeout) return std::nullopt;
    return started_at + verified_after;
}

void ChildRun::excuse_silence(Instant now) {
    if (!listened_since) listened_since = now;
}

void ChildRun::enter(ChildState next, Instant now) {
    state = next;
    since = now;
}

void ChildRun::begin_run(Instant now) {
    enter(ChildState::up, now);
    ++runs;
    started_at = now;
    last_beat.reset();
    listened_since.reset();
    hangs = false;
}

const std::string& ChildRun::about() const {
    return spec.event_name.empty() ? spec.name : spec.event_name;
}

}  // namespace ftcore
