// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/launch/guardian.hpp"
#include "harness/result/record.hpp"
#include "harness/run/interruption.hpp"
#include "harness/run/trial.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// What the command line says about a run.
struct RunOptions {
    std::optional<int> trials{};  // over the scenario's own
    std::optional<int> control{};
    std::optional<std::uint64_t> seed{};
    int jobs = 1;            // trials side by side; neighbours disturb each other
    bool fail_fast = false;  // stop at the first trial that is not measured or not recovered
    bool keep_data = false;
    std::filesystem::path bin_folder{};  // what ${bin} means; empty: this program's folder
    std::filesystem::path directory{};   // of this run's results
    bool resume = false;                 // `directory` holds a run to complete
    std::vector<std::string> command{};  // that repeats it, for the record
};

/// What whoever shows a run wants to hear. Called under a lock, from the trials' threads.
struct RunObserver {
    std::function<void(const TrialProgress&)> on_progress{};
    std::function<void(const TrialRecord&, int done, int asked)> on_trial{};
};

/// Runs the missing trials of one scenario case, records each as it ends, and judges them all.
/// The record comes back with its summary; what cannot be recorded (disk full) is the error.
/// Requires: `guardian` was started before any thread.
[[nodiscard]] Result<RunRecord> run_scenario(const Scenario& scenario,
                                             const RunOptions& options,
                                             Guardian& guardian,
                                             Interruption& interruption,
                                             const RunObserver& observer);

/// What the guardian undoes when nobody else has: whatever carries the run's mark, its temporary
/// folder and its cgroup, which is made. Call it before anything is started.
[[nodiscard]] Result<> promise_cleanup(Guardian& guardian, const MachineAbilities& abilities);

/// /tmp/faultline-<run>: short, because Unix sockets have room for 107 bytes.
[[nodiscard]] std::filesystem::path temporary_root(const std::string& run);

/// /dev/shm/faultline-<run>, where a file is memory and nothing else; the temporary root on
/// machines without it.
[[nodiscard]] std::filesystem::path memory_root(const std::string& run);

/// Judges a run's trials by its scenario; also what `faultline report` does with a stored run.
[[nodiscard]] Summary judge_run(const Scenario& scenario, const RunRecord& run);

/// results/<scenario>-<yyyymmdd-hhmmss>-<id>, with the parameters of a case after the name.
[[nodiscard]] std::filesystem::path result_directory_name(const Scenario& scenario,
                                                          const std::string& run);

/// A name for a run that no other has: time and random letters.
[[nodiscard]] std::string new_run_id();

/// Which of the trials 1..count+control are controls: spread evenly, the first trial never.
[[nodiscard]] std::vector<bool> control_plan(int count, int control);

}  // namespace faultline
