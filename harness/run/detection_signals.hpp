// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "harness/observe/log_matcher.hpp"
#include "harness/run/event_recorder.hpp"
#include "harness/run/fleet.hpp"

namespace faultline {

/// Turns what instances say, print, answer and how they end into the detection signals a scenario
/// names. Thread: the trial's.
class DetectionSignals {
  public:
    /// Errors: a pattern that does not compile (validation has caught it before).
    [[nodiscard]] static Result<std::unique_ptr<DetectionSignals>> create(Loop& loop,
                                                                          const Scenario& scenario,
                                                                          EventRecorder& recorder);
    /// Lines come from the first start on, before the fleet is complete.
    void attach(Fleet& fleet) { fleet_ = &fleet; }
    void on_line(int instance, std::string_view line, Instant arrived);
    /// Begins to ask the probes among the signals.
    void start_probes();
    void stop_probes() { probes_.clear(); }
    /// Marks an event that is a signal with its number, and hands it on.
    void record(Event event);

  private:
    DetectionSignals(Loop& loop, const Scenario& scenario, EventRecorder& recorder)
        : loop_(loop), scenario_(scenario), recorder_(recorder) {}
    [[nodiscard]] bool concerns(const SignalSpec& signal, const std::string& instance) const;

    struct LineSignal {
        int signal;
        LogMatcher matcher;
    };
    Loop& loop_;
    const Scenario& scenario_;
    EventRecorder& recorder_;
    Fleet* fleet_ = nullptr;
    std::vector<LineSignal> lines_;
    std::vector<ProbeSchedule> probes_;
};

}  // namespace faultline
