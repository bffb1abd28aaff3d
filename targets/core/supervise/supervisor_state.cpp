// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/supervisor_state.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace ftcore {
namespace {

using Kind = SupervisorAction::Kind;

std::string names_in(const std::vector<ChildRun*>& group) {
    std::string names;
    for (const ChildRun* const child : group)
        names += (names.empty() ? "" : ",") + child->about();
    return names;
}

}  // namespace

Supervisor::State::State(SupervisorSettings the_settings, std::vector<ChildSpec> specs)
    : settings(the_settings), limit(the_settings.restarts_max, the_settings.period) {
    for (ChildSpec& spec : specs) {
        children.emplace_back(std::move(spec),
                              RestartPause::Settings{
                                  settings.pause_first, settings.pause_cap, settings.stable_after});
    }
}

// ---- what failed

void Supervisor::State::child_ended(Instant now, ChildRun& child, const ChildExit& exit) {
    const bool hung = child.hangs;
    const bool was_to_end = child.must_end;
    child.enter(ChildState::ended, now);
    child.unverified = false;
    if (was_to_end) return;
    if (hung) return child_failed(now, child, "");
    if (exit.normal && child.spec.restart != Restart::permanent) {
        return tell(now, "ended", {{"about", child.about()}, {"detail", exit.detail}});
    }
    tell(now, "detected", {{"about", child.about()}, {"cause", "crash"}, {"detail", exit.detail}});
    child_failed(now, child, exit.detail);
}

/// Its failure is known; what follows?
void Supervisor::State::child_failed(Instant now, ChildRun& child, const std::string& detail) {
    if (child.spec.restart == Restart::temporary) {
        return tell(now, "decided", {{"about", child.about()}, {"action", "none"}});
    }
    if (limit.add(now)) return restart_group(now, child);
    const std::string why = fmt::format("{} restarts within {}, at most {} are allowed",
                                        limit.count(now),
                                        faultline::spell_duration(settings.period),
                                        settings.restarts_max);
    tell(now, "decided", {{"about", child.about()}, {"action", "give_up"}, {"why", why}});
    tell(now,
         "alert",
         {{"about", child.about()},
          {"severity", "critical"},
          {"rule", "restart_limit"},
          {"detail", detail.empty() ? why : detail + "; " + why}});
    shut_down(now, Ending::gave_up);
}

void Supervisor::State::check_silence(Instant now) {
    for (ChildRun& child : children) {
        const auto silent_at = child.silent_at();
        if (!silent_at || now < *silent_at || child.must_end) continue;
        const Instant heard = child.last_beat.value_or(child.started_at);
        tell(now,
             "detected",
             {{"about", child.about()},
              {"cause", "hang"},
              {"detail", "silent for " + faultline::format_duration(now - heard)}});
        child.hangs = true;
        kill(now, child);
    }
}

void Supervisor::State::check_verified(Instant now) {
    for (ChildRun& child : children) {
        const auto at = child.verified_at(settings.verified_after);
        if (at && now >= *at) verified(now, child);
    }
}

void Supervisor::State::verified(Instant now, ChildRun& child) {
    child.unverified = false;
    tell(now,
         "verified",
         {{"about", child.about()}, {"by", child.spec.heartbeat_timeout ? "beat" : "staying up"}});
}

// ---- with whom

std::vector<ChildRun*> Supervisor::State::group_of(const ChildRun& child) {
    std::vector<ChildRun*> group;
    bool rest = false;
    for (ChildRun& other : children) {
        rest = rest || &other == &child;
        const bool belongs = &other == &child ||
                             settings.strategy == RestartStrategy::one_for_all ||
                             (settings.strategy == RestartStrategy::rest_for_one && rest);
        if (belongs) group.push_back(&other);
    }
    return group;
}

void Supervisor::State::restart_group(Instant now, ChildRun& failed) {
    const Duration pause = failed.pause.next(now - failed.started_at);
    const auto group = group_of(failed);
    for (ChildRun* const child : group) {
        child->must_end = true;
        // Who is never restarted ends with the others and stays away.
        child->start_again = child->spec.restart != Restart::temporary;
        child->not_before = std::max(child->not_before, now + pause);
    }
    tell(now,
         "decided",
         {{"about", failed.about()},
          {"action", "restart"},
          {"strategy", std::string(name_of(settings.strategy))},
          {"children", names_in(group)},
          {"pause", faultline::spell_duration(pause)}});
}

void Supervisor::State::shut_down(Instant now, Ending why) {
    if (!shutting_down) shutting_down = why;
    for (ChildRun& child : children) {
        child.must_end = true;
        child.start_again = false;
        if (child.state == ChildState::wanted) child.enter(ChildState::ended, now);
    }
}

// ---- down in reverse order, up in order

void Supervisor::State::proceed(Instant now) {
    if (ended) return;
    kill_overdue(now);
    stop_next(now);
    release_group(now);
    start_wanted(now);
    report_ready(now);
    finish_if_done(now);
}

void Supervisor::State::stop_next(Instant now) {
    const auto last = std::find_if(children.rbegin(), children.rend(), [](const ChildRun& child) {
        return child.must_end && child.running();
    });
    if (last == children.rend() || last->state != ChildState::up) return;
    last->enter(ChildState::stopping, now);
    last->kill_at = now + last->spec.stop_within;
    act(Kind::stop, *last);
}

void Supervisor::State::kill_overdue(Instant now) {
    for (ChildRun& child : children) {
        if (child.state == ChildState::stopping && now >= child.kill_at) kill(now, child);
    }
}

/// When everybody in the group is down, they may come up again.
void Supervisor::State::release_group(Instant now) {
    const bool still_going_down =
        std::any_of(children.begin(), children.end(), [](const ChildRun& child) {
            return child.must_end && child.running();
        });
    if (still_going_down || shutting_down) return;
    for (ChildRun& child : children) {
        if (child.must_end && child.start_again) child.enter(ChildState::wanted, now);
        child.must_end = false;
        child.start_again = false;
    }
}

bool Supervisor::State::may_start(Instant now, const ChildRun& child) const {
    if (child.state != ChildState::wanted || now < child.not_before || child.must_end) return false;
    return std::all_of(children.begin(), children.end(), [&child](const ChildRun& other) {
        const auto& after = child.spec.after;
        return std::find(after.begin(), after.end(), other.spec.name) == after.end() ||
               other.lets_others_start();
    });
}

void Supervisor::State::start_wanted(Instant now) {
    for (ChildRun& child : children) {
        if (!may_start(now, child)) continue;
        child.enter(ChildState::starting, now);
        if (child.runs > 0) {
            tell(now,
                 "repair",
                 {{"about", child.about()}, {"action", "restart"}, {"state", "begin"}});
        }
        act(Kind::start, child);
    }
}

void Supervisor::State::report_ready(Instant now) {
    const bool all_up = std::all_of(children.begin(), children.end(), [](const ChildRun& child) {
        return child.lets_others_start();
    });
    if (ready || shutting_down || !all_up) return;
    ready = true;
    tell(now, "ready", {{"children", std::to_string(children.size())}});
}

void Supervisor::State::finish_if_done(Instant now) {
    const bool all_ended = std::all_of(children.begin(), children.end(), [](const ChildRun& child) {
        return child.state == ChildState::ended;
    });
    if (!all_ended) return;
    ended = shutting_down.value_or(Ending::all_ended);
    actions.push_back({Kind::finish, 0});
    tell(now, "ended", {{"about", "supervisor"}, {"detail", std::string(name_of(*ended))}});
}

void Supervisor::State::act(Kind kind, const ChildRun& child) {
    actions.push_back({kind, static_cast<std::size_t>(&child - children.data())});
}

void Supervisor::State::kill(Instant now, ChildRun& child) {
    child.enter(ChildState::killing, now);
    act(Kind::kill, child);
}

void Supervisor::State::tell(Instant now, std::string name, Fields fields) {
    events.push_back({now, std::move(name), std::move(fields)});
}

}  // namespace ftcore
