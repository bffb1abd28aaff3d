// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/recovery_benchmark.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sys/resource.h>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "harness/base/random.hpp"
#include "harness/judge/columns.hpp"
#include "harness/run/machine.hpp"
#include "harness/run/run.hpp"

namespace faultline::cli {
namespace {

/// Of all targets that ended so far. Units: milliseconds of CPU.
double cpu_of_ended_children() {
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto ms = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms(usage.ru_utime) + ms(usage.ru_stime);
}

/// Of each trial what the instance with most had; the median of that. Units: bytes.
std::optional<double> usual_memory_peak(const std::vector<TrialRecord>& trials) {
    std::vector<double> peaks;
    for (const TrialRecord& trial : trials) {
        std::uint64_t most = 0;
        for (const InstanceRecord& instance : trial.instances)
            most = std::max(most, instance.memory_peak_bytes.value_or(0));
        if (most > 0) peaks.push_back(static_cast<double>(most));
    }
    if (peaks.empty()) return std::nullopt;
    const auto middle = peaks.begin() + static_cast<std::ptrdiff_t>(peaks.size() / 2);
    std::nth_element(peaks.begin(), middle, peaks.end());
    if (peaks.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(peaks.begin(), middle)) / 2;
}

/// Output formats have one set of columns: a value that is not there is "not a number".
double or_nan(const std::optional<double>& value, double unit = 1) {
    return value ? *value / unit : std::numeric_limits<double>::quiet_NaN();
}

RunOutcome run_outcome_of(TrialOutcome outcome) {
    switch (outcome) {
        case TrialOutcome::unhealthy:
            return RunOutcome::unhealthy;
        case TrialOutcome::ineffective:
            return RunOutcome::ineffective;
        case TrialOutcome::harness_error:
            return RunOutcome::harness_error;
        case TrialOutcome::interrupted:
            return RunOutcome::interrupted;
        case TrialOutcome::pass:
            return RunOutcome::inconclusive;  // disturbed, or the load lagged
    }
    return RunOutcome::harness_error;
}

std::string why_invalid(const TrialRecord& trial) {
    std::string reason = std::string(name_of(trial.outcome));
    if (trial.outcome == TrialOutcome::pass)
        reason = trial.marks.empty() ? "it does not count" : "marked " + trial.marks.front();
    if (!trial.reason.empty()) reason += ": " + trial.reason.substr(0, trial.reason.find('\n'));
    return reason;
}

}  // namespace

std::string RecoveryBenchmark::name() const {
    std::string name = scenario_.name;
    for (const auto& [parameter, value] : scenario_.parameters)
        name += fmt::format("/{}:{}", parameter, value);
    return name;
}

std::optional<Summary> RecoveryBenchmark::summary() const {
    if (measured_.empty()) return std::nullopt;
    return judge(scenario_, measured_);
}

RunOptions RecoveryBenchmark::options_of_repetition(int trials) {
    RunOptions options;
    options.trials = trials;
    options.control = 0;
    options.command = plan_.words;
    const std::uint64_t seed =
        plan_.seed ? *plan_.seed : scenario_.trials.seed.value_or(fresh_seed());
    // Kept, so that all repetitions come from one seed.
    plan_.seed = seed;
    // The first repetition makes the choices that `faultline run --seed` makes.
    options.seed =
        repetitions_ == 0
            ? seed
            : Random(seed).fork("repetition", static_cast<std::uint64_t>(repetitions_)).seed();
    ++repetitions_;
    std::string folder = name();
    std::replace(folder.begin(), folder.end(), '/', '-');
    std::replace(folder.begin(), folder.end(), ':', '=');
    options.directory = plan_.results / fmt::format("{}-{}", folder, repetitions_);
    return options;
}

RecoveryBenchmark::Attempt RecoveryBenchmark::next_trial(RecordedRun& run, int& invalid_left) {
    for (;;) {
        if (plan_.interruption.requested())
            return {.outcome = RunOutcome::interrupted, .reason = "interrupted"};
        if (!plan_.guardian.alive())
            return {.outcome = RunOutcome::harness_error, .reason = "the guardian process died"};
        const int number = static_cast<int>(run.record().trials.size()) + 1;
        if (plan_.show_progress) fmt::print(stderr, "\r\033[K{}: trial {}", name(), number);
        TrialResult result = run.run({.number = number});
        if (plan_.show_progress) fmt::print(stderr, "\r\033[K");
        if (result.record.outcome == TrialOutcome::interrupted)
            return {.outcome = RunOutcome::interrupted, .reason = "interrupted"};
        if (auto stored = run.store(std::move(result)); !stored)
            return {.outcome = RunOutcome::harness_error, .reason = stored.error().message};
        const TrialRecord& trial = run.record().trials.back();
        if (counts_as_fault(measured_of(trial)) && !trial.injections.empty())
            return {.trial = &trial};
        if (invalid_left-- <= 0) {
            return {.outcome = run_outcome_of(trial.outcome),
                    .reason = fmt::format("more than half of the trials do not count; the last: {}",
                                          why_invalid(trial))};
        }
    }
}

/// Requires: the state's loop was not begun.
RecoveryBenchmark::Attempt RecoveryBenchmark::iterate(benchmark::State& state, RecordedRun& run) {
    int invalid_left = static_cast<int>(state.max_iterations);
    bool any_recovered = false;
    std::optional<Duration> watched;
    for ([[maybe_unused]] auto iteration : state) {
        Attempt attempt = next_trial(run, invalid_left);
        if (attempt.trial != nullptr) {
            const InjectionMeasures& measures = attempt.trial->injections.front().measures;
            any_recovered = any_recovered || measures.recovery_time.has_value();
            if (measures.censored) watched = measures.observed_for;
            if (measures.recovery_time || measures.censored) {
                state.SetIterationTime(
                    seconds_of(measures.recovery_time.value_or(measures.observed_for)));
                continue;
            }
            attempt = {.outcome = RunOutcome::usage,
                       .reason =
                           "without a load there is no recovery to time; add \"load\" to the "
                           "scenario"};
        }
        state.SkipWithError(attempt.reason.c_str());
        return attempt;
    }
    if (!any_recovered && watched) {
        Attempt attempt{
            .outcome = RunOutcome::fail,
            .reason = fmt::format("no trial recovered; the last was watched for {:.3g} s",
                                  seconds_of(*watched))};
        state.SkipWithError(attempt.reason.c_str());
        return attempt;
    }
    return {};
}

void RecoveryBenchmark::skip(benchmark::State& state,
                             RunOutcome outcome,
                             const std::string& reason) {
    state.SkipWithError(reason.c_str());
    outcome_ = std::max(outcome_, outcome);
}

void RecoveryBenchmark::count(benchmark::State& state,
                              const Summary& summary,
                              const TargetUsage& usage) const {
    constexpr double ms = 1e6, megabyte = 1e6;
    auto& counters = state.counters;
    const InjectionSummary injection =
        summary.injections.empty() ? InjectionSummary{} : summary.injections.front();
    const auto span = [&](const char* name) {
        const auto found = injection.spans.find(name);
        return found == injection.spans.end() ? SpanSummary{} : found->second;
    };
    const auto share = [&](const char* name) {
        const auto found = injection.proportions.find(name);
        if (found == injection.proportions.end() || found->second.n == 0) return or_nan({});
        return static_cast<double>(found->second.k) / static_cast<double>(found->second.n);
    };
    const SpanSummary recovery = span("recovery_time");
    const SpanSummary detection = span("detection_time");
    counters["recovery_p50_ms"] = or_nan(recovery.p50, ms);
    counters["recovery_p95_ms"] = or_nan(recovery.p95, ms);
    counters["detection_p50_ms"] = or_nan(detection.p50, ms);
    counters["detection_p95_ms"] = or_nan(detection.p95, ms);
    counters["detected"] = share("detected");
    counters["success_rate"] = or_nan(injection.success_rate.mean);
    counters["downtime_ms"] = or_nan(span("downtime").mean, ms);
    const auto lost = summary.counts.find("lost_writes");
    counters["lost_writes"] = lost == summary.counts.end() || lost->second.n == 0
                                  ? or_nan({})
                                  : static_cast<double>(lost->second.total);
    counters["false_detections_per_hour"] = summary.false_detections_per_hour;
    counters["censored"] = static_cast<double>(recovery.censored);
    counters["invalid"] = static_cast<double>(summary.invalid_trials);
    counters["targets_cpu_ms"] = usage.cpu_ms;
    counters["targets_peak_memory_mb"] = or_nan(usage.memory_peak_bytes, megabyte);
}

void RecoveryBenchmark::operator()(benchmark::State& state) {
    const int trials = static_cast<int>(state.max_iterations);
    const RunOptions options = options_of_repetition(trials);
    if (plan_.interruption.requested()) return skip(state, RunOutcome::interrupted, "interrupted");
    const auto abilities = find_abilities(scenario_);
    if (!abilities) return skip(state, RunOutcome::harness_error, abilities.error().message);
    if (auto promised = promise_cleanup(plan_.guardian, *abilities); !promised)
        return skip(state, RunOutcome::harness_error, promised.error().message);
    const RunSurroundings surroundings{plan_.guardian, plan_.interruption, *abilities};
    auto run = RecordedRun::begin(scenario_, options, surroundings, plan_.guardian.run());
    if (!run) return skip(state, RunOutcome::harness_error, run.error().message);

    const double cpu_before = cpu_of_ended_children();
    const Attempt attempt = iterate(state, *run);
    const auto done = static_cast<double>(std::max<std::size_t>(1, run->record().trials.size()));
    TargetUsage usage{.cpu_ms = (cpu_of_ended_children() - cpu_before) / done};
    usage.memory_peak_bytes = usual_memory_peak(run->record().trials);
    outcome_ = std::max(outcome_, attempt.outcome);
    for (const TrialRecord& trial : run->record().trials)
        measured_.push_back(measured_of(trial));

    if (auto asked = run->ask_no_more(); !asked)
        return skip(state, RunOutcome::harness_error, asked.error().message);
    Summary summary = judge_run(scenario_, run->record());
    count(state, summary, usage);
    if (auto finished = run->finish(std::move(summary)); !finished)
        return skip(state, RunOutcome::harness_error, finished.error().message);
}

}  // namespace faultline::cli
