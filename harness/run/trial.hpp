// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "harness/launch/guardian.hpp"
#include "harness/result/record.hpp"
#include "harness/run/interruption.hpp"
#include "harness/run/machine.hpp"
#include "harness/run/sibling_processes.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

enum class TrialPhase { provision, launch, steady_state, inject, observe, quiet, teardown };
[[nodiscard]] std::string_view name_of(TrialPhase phase);

/// What a live line shows while a trial runs.
struct TrialProgress {
    int trial = 0;
    TrialPhase phase = TrialPhase::provision;
    double recent_success = 1.0;  // share of good operations in the last window
};

/// Where and under what conditions a trial runs.
struct TrialContext {
    const Scenario& scenario;
    const MachineAbilities& abilities;
    Guardian& guardian;
    Interruption& interruption;
    std::string run;  // run id
    int number = 1;
    bool control = false;
    std::uint64_t seed = 0;
    std::filesystem::path folder;            // trials/0007: what is kept
    std::filesystem::path temporary_folder;  // short, for sockets; removed by the trial
    /// Where files that targets share as memory lie: on no disk, or writing to them would stall;
    /// removed by the trial. Empty: in the temporary folder.
    std::filesystem::path memory_folder{};
    std::filesystem::path bin_folder{};    // ${bin}, absolute; empty: this program's folder
    bool keep_data = false;                // keep what targets wrote, also after a good trial
    SiblingProcesses* siblings = nullptr;  // absent: no other trial runs
    std::function<void(const TrialProgress&)> on_progress{};
};

struct TrialResult {
    TrialRecord record;
    Timeline timeline;
};

/// One trial from an empty folder to an empty machine:
///
///   provision ─► launch ─► steady state ─► inject ─► observe ─► quiet period ─► tear down ─►
///   measure
///
/// Everything that goes wrong ends in the record's outcome and reason; nothing remains behind.
/// Thread: the caller's, which must live until it returns (targets die with it).
[[nodiscard]] TrialResult run_trial(const TrialContext& context);

}  // namespace faultline
