// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/supervise/child_spec.hpp"
#include "targets/core/supervise/restart_limit.hpp"
#include "targets/core/supervise/supervisor.hpp"

namespace ftcore {

/// One child over all its runs, and what is to become of it.
struct ChildRun {
    ChildRun(ChildSpec the_spec, RestartPause::Settings pauses)
        : spec(std::move(the_spec)), pause(pauses) {}

    ChildSpec spec;
    RestartPause pause;
    ChildState state = ChildState::ended;
    Instant since{};
    int runs = 0;  // begun so far

    // ---- this run
    Instant started_at{};
    std::optional<Instant> last_beat{};
    std::optional<Instant> listened_since{};  // silence counts from here: see `excuse_silence`
    bool hangs = false;                       // it is killed for its silence
    bool unverified = false;                  // a restart that has not proven itself yet

    // ---- what is to become of it
    bool must_end = false;     // stop it; it is in a group that goes down
    bool start_again = false;  // when the whole group is down
    Instant not_before{};      // wanted: the end of its pause
    Instant kill_at{};         // stopping

    [[nodiscard]] bool running() const;
    [[nodiscard]] bool is_up() const { return state == ChildState::up; }
    /// Others that start after it may start.
    [[nodiscard]] bool lets_others_start() const;
    /// When it has been silent for too long. Nothing: it need not beat, or is not up.
    [[nodiscard]] std::optional<Instant> silent_at() const;
    /// When it has proven itself without beats.
    [[nodiscard]] std::optional<Instant> verified_at(Duration verified_after) const;
    /// The supervisor itself did not run for a while and cannot know whether the child did: half a
    /// timeout more to be heard, once per silence.
    void excuse_silence(Instant now);

    void enter(ChildState next, Instant now);
    void begin_run(Instant now);
    /// What others call it.
    [[nodiscard]] const std::string& about() const;
};

}  // namespace ftcore
