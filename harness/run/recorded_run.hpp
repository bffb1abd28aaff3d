// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "harness/launch/guardian.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/run/interruption.hpp"
#include "harness/run/machine.hpp"
#include "harness/run/run.hpp"
#include "harness/run/sibling_processes.hpp"
#include "harness/run/trial.hpp"

namespace faultline {

/// What all trials of one invocation share. Requires: outlives them.
struct RunSurroundings {
    Guardian& guardian;
    Interruption& interruption;
    const MachineAbilities& abilities;
};

/// A run on disk whose trials are run one at a time, in whatever order, by whoever drives it; each
/// is recorded as it ends.
class RecordedRun {
  public:
    /// Makes the result directory, or opens the one to resume. `id`: names the run in its record.
    /// Requires: `scenario` and `options` outlive it.
    [[nodiscard]] static Result<RecordedRun> begin(const Scenario& scenario,
                                                   const RunOptions& options,
                                                   const RunSurroundings& surroundings,
                                                   const std::string& id);

    struct Task {
        int number = 1;  // from 1
        bool control = false;
        SiblingProcesses* siblings = nullptr;  // absent: no other trial runs
        std::function<void(const TrialProgress&)> on_progress{};
    };
    /// Runs a trial; what an interrupted attempt at it left is removed. Records nothing.
    /// Thread: any, also several at once with different numbers.
    [[nodiscard]] TrialResult run(const Task& task) const;
    /// Records a trial. Thread: one at a time. Errors: as of `ResultDirectory`.
    [[nodiscard]] Result<> store(TrialResult result);
    /// The same for the verdict; the record comes back whole, its trials by number.
    [[nodiscard]] Result<RunRecord> finish(Summary summary);
    /// The run ended, and rightly, with the trials it has: from now on it asked for no more.
    [[nodiscard]] Result<> ask_no_more();

    [[nodiscard]] const RunRecord& record() const { return record_; }
    void sort_trials();

  private:
    RecordedRun(const Scenario& scenario,
                const RunOptions& options,
                const RunSurroundings& surroundings,
                RunRecord record,
                ResultDirectory directory)
        : scenario_(&scenario),
          options_(&options),
          surroundings_(surroundings),
          record_(std::move(record)),
          directory_(std::move(directory)) {}

    const Scenario* scenario_;
    const RunOptions* options_;
    RunSurroundings surroundings_;
    RunRecord record_;
    ResultDirectory directory_;
};

}  // namespace faultline
