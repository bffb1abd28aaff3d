// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/judge/summary.hpp"
#include "harness/run/recorded_run.hpp"
#include "harness/scenario/model.hpp"

namespace benchmark {
class State;
}

namespace faultline::cli {

/// What is the same for all cases of one invocation.
struct BenchmarkPlan {
    Guardian& guardian;
    Interruption& interruption;
    std::optional<std::uint64_t> seed{};
    std::filesystem::path results;  // a result directory for each repetition goes below
    std::vector<std::string> words{};
    bool show_progress = false;  // on standard error
};

/// One scenario case as a benchmark of Google's: an iteration is a trial, its time is the recovery
/// time of the scenario's first injection.
///
///   repetition ─► result directory ─► iteration ─► trial ─┬─ counts ──► SetIterationTime
///                                         ▲               └─ does not: another one, at most
///                                         └─────────────────────────── as many as were asked for
///
/// A trial that did not recover by its deadline is an iteration that took as long as it was
/// watched, so its mean is a lower bound then, and the counter `censored` says how often that was;
/// when no trial recovers the benchmark ends with an error. Quantiles are counters and treat such
/// trials as the reports do. Trials that do not count (unhealthy, ineffective, disturbed) are no
/// iterations; the counter `invalid` says how many there were.
class RecoveryBenchmark {
  public:
    RecoveryBenchmark(Scenario scenario, BenchmarkPlan plan)
        : scenario_(std::move(scenario)), plan_(std::move(plan)) {}

    /// "kv-crash/rate:500/nodes:3", as Google Benchmark spells arguments.
    [[nodiscard]] std::string name() const;
    /// One repetition.
    void operator()(benchmark::State& state);

    [[nodiscard]] const Scenario& scenario() const { return scenario_; }
    /// All trials of all repetitions, judged together; absent before the first.
    [[nodiscard]] std::optional<Summary> summary() const;
    /// How the worst repetition ended: the exit code.
    [[nodiscard]] RunOutcome outcome() const { return outcome_; }

  private:
    /// The trial of one iteration, or why there is none.
    struct Attempt {
        const TrialRecord* trial = nullptr;
        RunOutcome outcome = RunOutcome::pass;
        std::string reason{};
    };
    Attempt next_trial(RecordedRun& run, int& invalid_left);
    Attempt iterate(benchmark::State& state, RecordedRun& run);
    [[nodiscard]] RunOptions options_of_repetition(int trials);
    /// What the targets took. The peak is of the instance that had most, the median over trials.
    struct TargetUsage {
        double cpu_ms = 0;
        std::optional<double> memory_peak_bytes{};
    };
    void count(benchmark::State& state, const Summary& summary, const TargetUsage& usage) const;
    void skip(benchmark::State& state, RunOutcome outcome, const std::string& reason);

    Scenario scenario_;
    BenchmarkPlan plan_;
    int repetitions_ = 0;
    std::vector<TrialMeasured> measured_{};
    RunOutcome outcome_ = RunOutcome::pass;
};

}  // namespace faultline::cli
