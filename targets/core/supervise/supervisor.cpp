// SPDX-License-Identifier: Apache-2.0
#include "targets/core/supervise/supervisor.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "targets/core/supervise/supervisor_state.hpp"

namespace ftcore {
namespace {

/// A tick that comes later than this share of a child's heartbeat timeout says that the supervisor
/// itself was stopped or starved, so that silence proves nothing.
constexpr int late_tick_share = 4;

}  // namespace

std::string_view SupervisorEvent::field(std::string_view key) const {
    for (const auto& [name_of_field, value] : fields) {
        if (name_of_field == key) return value;
    }
    return {};
}

Supervisor::Supervisor(SupervisorSettings settings, std::vector<ChildSpec> children)
    : state_(std::make_unique<State>(settings, std::move(children))) {}
Supervisor::~Supervisor() = default;
Supervisor::Supervisor(Supervisor&&) noexcept = default;
Supervisor& Supervisor::operator=(Supervisor&&) noexcept = default;

void Supervisor::start(Instant now) {
    for (ChildRun& child : state_->children)
        child.enter(ChildState::wanted, now);
    state_->proceed(now);
}

void Supervisor::started(Instant now, std::size_t index) {
    ChildRun& child = state_->children.at(index);
    FL_CHECK(child.state == ChildState::starting);
    child.begin_run(now);
    if (child.runs > 1) {
        child.unverified = true;
        state_->tell(now, "repaired", {{"about", child.about()}, {"action", "restart"}});
    }
    state_->proceed(now);
}

void Supervisor::start_failed(Instant now, std::size_t index, const std::string& why) {
    ChildRun& child = state_->children.at(index);
    FL_CHECK(child.state == ChildState::starting);
    child.enter(ChildState::ended, now);
    child.started_at = now;
    if (!child.must_end) {
        state_->tell(now, "error", {{"about", child.about()}, {"detail", why}});
        if (child.runs > 0) {
            state_->child_failed(now, child, why);
        } else {
            // What never ran is a mistake in the configuration, not a fault to be survived.
            state_->shut_down(now, Ending::not_started);
        }
    }
    state_->proceed(now);
}

void Supervisor::exited(Instant now, std::size_t index, const ChildExit& exit) {
    ChildRun& child = state_->children.at(index);
    FL_CHECK(child.running());
    state_->child_ended(now, child, exit);
    state_->proceed(now);
}

void Supervisor::beat(Instant now, std::size_t index) {
    ChildRun& child = state_->children.at(index);
    if (!child.is_up()) return;
    const bool first = !child.last_beat;
    child.last_beat = now;
    child.listened_since.reset();
    if (child.unverified) state_->verified(now, child);
    if (first) state_->proceed(now);  // others may wait for it
}

void Supervisor::stop(Instant now) {
    state_->tell(now, "stopping", {{"about", "supervisor"}});
    state_->shut_down(now, Ending::stopped);
    state_->proceed(now);
}

void Supervisor::stop_at_once(Instant now) {
    state_->shut_down(now, Ending::stopped);
    for (ChildRun& child : state_->children) {
        if (child.is_up() || child.state == ChildState::stopping) state_->kill(now, child);
    }
    state_->proceed(now);
}

void Supervisor::tick(Instant now) {
    const Duration late = now - std::min(now, deadline());
    for (ChildRun& child : state_->children) {
        if (child.spec.heartbeat_timeout && late > *child.spec.heartbeat_timeout / late_tick_share)
            child.excuse_silence(now);
    }
    state_->check_silence(now);
    state_->check_verified(now);
    state_->proceed(now);
}

Instant Supervisor::deadline() const {
    Instant soonest = Instant::max();
    if (state_->ended) return soonest;
    for (const ChildRun& child : state_->children) {
        if (const auto at = child.silent_at(); at && !child.must_end)
            soonest = std::min(soonest, *at);
        if (const auto at = child.verified_at(state_->settings.verified_after))
            soonest = std::min(soonest, *at);
        if (child.state == ChildState::stopping) soonest = std::min(soonest, child.kill_at);
        // A child that waits for another one is started by that one's news, not by time.
        if (state_->may_start(child.not_before, child))
            soonest = std::min(soonest, child.not_before);
    }
    return soonest;
}

std::vector<SupervisorAction> Supervisor::take_actions() {
    return std::exchange(state_->actions, {});
}

std::vector<SupervisorEvent> Supervisor::take_events() {
    return std::exchange(state_->events, {});
}

std::vector<ChildView> Supervisor::view() const {
    std::vector<ChildView> views;
    for (const ChildRun& child : state_->children) {
        views.push_back({child.spec.name,
                         child.state,
                         std::max(child.runs - 1, 0),
                         child.since,
                         child.last_beat});
    }
    return views;
}

const ChildSpec& Supervisor::spec(std::size_t child) const {
    return state_->children.at(child).spec;
}

std::optional<Ending> Supervisor::ending() const {
    return state_->ended;
}

bool Supervisor::stopping() const {
    return state_->shutting_down.has_value();
}

std::string_view name_of(ChildState state) {
    switch (state) {
        case ChildState::ended:
            return "ended";
        case ChildState::wanted:
            return "waiting to start";
        case ChildState::starting:
            return "starting";
        case ChildState::up:
            return "up";
        case ChildState::stopping:
            return "stopping";
        case ChildState::killing:
            break;
    }
    return "being killed";
}

std::string_view name_of(Ending ending) {
    switch (ending) {
        case Ending::stopped:
            return "stopped";
        case Ending::all_ended:
            return "every child has ended";
        case Ending::gave_up:
            return "gave up";
        case Ending::not_started:
            break;
    }
    return "a child could not be started";
}

}  // namespace ftcore
