// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "harness/launch/audit.hpp"
#include "harness/observe/event_socket.hpp"
#include "harness/run/detection_signals.hpp"
#include "harness/run/injection_schedule.hpp"
#include "harness/run/observation.hpp"
#include "harness/run/process_board.hpp"
#include "harness/run/role_board.hpp"
#include "harness/run/trial.hpp"
#include "harness/run/wait_clock.hpp"

namespace faultline {

/// One trial as it goes: what its phases (trial_phases.hpp) hand on to each other. Members are in
/// the order of their making; the loop is first because everything after it may still be called by
/// it.
/// Thread: the trial's.
struct TrialState {
    explicit TrialState(const TrialContext& trial_context);

    const TrialContext& context;
    const Scenario& scenario;
    Loop loop;
    Random random;
    Interruption::Registration registration;
    TrialRecord record;
    Timeline timeline;
    WaitClock waits;
    EventRecorder recorder;
    RoleBoard board;
    ProcessBoard processes;
    AuditScope scope;
    std::string environment_mark;                // FAULTLINE_TRIAL of everything that was started
    Secrets secrets;                             // masked in everything that is recorded
    std::optional<std::uint64_t> hiding_record;  // of the guardian, while files still tell them
    TrialPhase phase = TrialPhase::provision;
    bool guardian_alive = true;
    Instant next_guardian_check{};
    std::unique_ptr<TrialNetwork> network;  // null: the machine's own
    std::unique_ptr<TrialLinks> links;
    std::unique_ptr<DetectionSignals> signals;
    std::unique_ptr<Fleet> fleet;
    std::unique_ptr<EventSocket> socket;
    std::optional<Observation> observation;
    std::unique_ptr<InjectionSchedule> schedule;
    std::unique_ptr<Load> load;  // before the board and the fleet it asks

    /// Handles events and follows the load until `done`, the deadline, an interrupt or the death of
    /// the guardian. Returns whether `done`.
    template <class Done>
    bool watch_until(Instant deadline, Done done) {
        for (;;) {
            follow_load();
            if (done()) return true;
            if (loop.interrupted() || now() >= deadline || !guardian_lives()) return false;
            show_progress();
            loop.run_until(std::min(deadline, now() + watch_period));
        }
    }

    /// Settles the outcome, unless a worse one is already there. Returns false, for callers that
    /// give up with it.
    bool end_with(TrialOutcome outcome, const std::string& reason);
    /// Adds a mark to the record, once.
    void mark(const std::string& text);
    /// Puts an event of the trial itself on the timeline.
    void note(const std::string& name);
    void enter(TrialPhase next);

    /// The folder over the cgroups of this trial's instances. Requires: cgroups are permitted.
    [[nodiscard]] std::filesystem::path cgroup_folder() const;
    /// What stays behind is found by the audit.
    void remove_temporary_folders() const;

  private:
    static constexpr Duration watch_period = std::chrono::milliseconds(5);
    void follow_load();
    void show_progress() const;
    bool guardian_lives();
};

}  // namespace faultline
