// SPDX-License-Identifier: Apache-2.0
#include "harness/run/trial_state.hpp"

#include <fmt/format.h>

namespace faultline {
namespace {

constexpr Duration guardian_check_period = std::chrono::milliseconds(100);

}  // namespace

TrialState::TrialState(const TrialContext& trial_context)
    : context(trial_context),
      scenario(trial_context.scenario),
      random(trial_context.seed),
      registration(trial_context.interruption, loop) {
    record.trial = context.number;
    record.control = context.control;
    record.seed = context.seed;
    record.started_unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
    record.started = now();
}

void TrialState::follow_load() {
    static const std::vector<Injection> none;
    observation->update(schedule ? schedule->injections() : none);
    if (schedule) schedule->refresh_victims();
}

void TrialState::show_progress() const {
    if (!context.on_progress) return;
    const bool observing =
        schedule && !schedule->injections().empty() && phase == TrialPhase::inject;
    context.on_progress({context.number,
                         observing ? TrialPhase::observe : phase,
                         observation ? observation->recent_success() : 1.0});
}

void TrialState::enter(TrialPhase next) {
    phase = next;
    show_progress();
}

bool TrialState::guardian_lives() {
    if (now() < next_guardian_check) return guardian_alive;
    next_guardian_check = now() + guardian_check_period;
    guardian_alive = context.guardian.alive();
    if (!guardian_alive) {
        end_with(TrialOutcome::harness_error,
                 "the guardian process has died, so a crash of the harness would leave things "
                 "behind");
    }
    return guardian_alive;
}

bool TrialState::end_with(TrialOutcome outcome, const std::string& reason) {
    if (record.outcome == TrialOutcome::pass || outcome == TrialOutcome::harness_error) {
        record.outcome = outcome;
        record.reason = reason;
    }
    return false;
}

void TrialState::mark(const std::string& text) {
    if (std::find(record.marks.begin(), record.marks.end(), text) == record.marks.end()) {
        record.marks.push_back(text);
    }
}

void TrialState::note(const std::string& name) {
    const Instant current = now();
    recorder.add({.at = current, .seen = current, .name = name});
}

std::filesystem::path TrialState::cgroup_folder() const {
    return *context.abilities.cgroup_root / ("faultline-" + context.run) /
           fmt::format("t{}", context.number);
}

void TrialState::remove_temporary_folders() const {
    static_cast<void>(remove_tree(context.temporary_folder));
    if (!context.memory_folder.empty()) static_cast<void>(remove_tree(context.memory_folder));
}

}  // namespace faultline
