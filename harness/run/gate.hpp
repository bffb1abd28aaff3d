// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/judge/comparison.hpp"
#include "harness/judge/gate.hpp"
#include "harness/launch/guardian.hpp"
#include "harness/result/record.hpp"
#include "harness/run/interruption.hpp"
#include "harness/run/trial.hpp"

namespace faultline {

enum class GateSide { base, head };
[[nodiscard]] std::string_view name_of(GateSide side);

/// What is compared in one scenario case, and how.
struct GateOptions {
    GateRules rules{};
    std::vector<GateMeasure> measures{};  // from `gate_measures`
    std::optional<RunRecord> baseline{};  // absent: the base's trials are run too
    std::filesystem::path baseline_directory{};
    std::filesystem::path base_bin_folder{};  // ${bin} of the base; absolute
    std::filesystem::path bin_folder{};       // of the head; empty: this program's folder
    std::optional<std::uint64_t> seed{};      // over the scenario's own; both sides have the same
    std::filesystem::path directory{};        // results go into base/ and head/ below it
    std::vector<std::string> command{};       // that repeats it, for the record
};

/// What one scenario case came to.
struct ScenarioGate {
    std::string scenario;
    std::map<std::string, std::string> parameters{};
    bool interleaved = false;
    std::filesystem::path base_directory{}, head_directory{};
    GateRules rules{};
    std::size_t looks = 0, looks_planned = 0;
    std::size_t base_trials = 0, head_trials = 0;  // that count
    std::vector<MeasureDecision> measures{};
    RunComparison comparison{};  // of the same trials, as `faultline compare` sees them
    std::optional<RunRecord> base{}, head{};  // with their summaries
    RunOutcome outcome = RunOutcome::inconclusive;
    std::string reason{};  // one sentence
};

/// What whoever shows a gate wants to hear.
struct GateObserver {
    std::function<void(const TrialProgress&)> on_progress{};
    std::function<void(GateSide, const TrialRecord&)> on_trial{};
    std::function<void(std::size_t look, std::size_t trials, GateState)> on_look{};
};

/// Runs trials of the head, in turn with those of the base, until it is clear whether the head is
/// worse:
///
///   pair of trials, in random order ─► enough for a look? ─► judge ─► decided? ─► record, compare
///         ▲                                   │ no             │ no
///         └───────────────────────────────────┴────────────────┘
///
/// Taking turns, with the same seeds, makes whatever the machine goes through meanwhile the same
/// for both. Errors: what cannot be recorded. Trials that were not healthy, not effective or met a
/// harness error end the gate with that outcome, like an interruption; what was measured is kept.
/// Requires: `guardian` was started before any thread.
[[nodiscard]] Result<ScenarioGate> run_gate(const Scenario& scenario,
                                            const GateOptions& options,
                                            Guardian& guardian,
                                            Interruption& interruption,
                                            const GateObserver& observer);

}  // namespace faultline
