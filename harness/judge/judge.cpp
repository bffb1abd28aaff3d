// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/judge/columns.hpp"

namespace faultline {
namespace {

void count_trials(std::span<const TrialMeasured> trials, Summary& summary) {
    for (const TrialMeasured& trial : trials) {
        if (counts_as_fault(trial)) {
            ++summary.fault_trials;
        } else if (counts_as_control(trial)) {
            ++summary.control_trials;
        } else {
            ++summary.invalid_trials;
        }
        const bool moved = trial.disturbed && !trial.control && trial.outcome == TrialOutcome::pass;
        ++summary.outcomes[moved ? "disturbed" : std::string(name_of(trial.outcome))];
    }
}

void measure_across(const Columns& columns, Summary& summary) {
    for (const InjectionColumns& injection : columns.injections) {
        summary.injections.push_back(summarise(injection));
    }
    for (const auto& [name, sample] : columns.counts) {
        if (!sample.empty()) summary.counts[name] = summarise_count(sample);
    }
    const double hours = seconds_of(columns.false_detection_exposure) / 3600;
    const auto counted = summary.counts.find("false_detections");
    if (hours > 0 && counted != summary.counts.end()) {
        summary.false_detections_per_hour = static_cast<double>(counted->second.total) / hours;
    }
}

std::size_t count_of(const Summary& summary, TrialOutcome outcome) {
    const auto found = summary.outcomes.find(std::string(name_of(outcome)));
    return found == summary.outcomes.end() ? 0 : found->second;
}

struct Precedence {
    TrialOutcome trial;
    RunOutcome run;
    std::string_view meaning;
};

// A single such trial decides, however many others went well.
constexpr std::array precedence{
    Precedence{TrialOutcome::interrupted, RunOutcome::interrupted, "interrupted"},
    Precedence{TrialOutcome::harness_error,
               RunOutcome::harness_error,
               "stopped by an error of the harness or the machine"},
    Precedence{TrialOutcome::ineffective,
               RunOutcome::ineffective,
               "without proof that the fault had any effect"},
    Precedence{
        TrialOutcome::unhealthy, RunOutcome::unhealthy, "unhealthy before anything was injected"},
};

bool decide_by_trials(std::size_t trials, Summary& summary) {
    for (const Precedence& rule : precedence) {
        const std::size_t count = count_of(summary, rule.trial);
        if (count == 0) continue;
        summary.outcome = rule.run;
        summary.reason = fmt::format("{} of {} trials: {}", count, trials, rule.meaning);
        return true;
    }
    return false;
}

std::size_t count_of(const Summary& summary, Verdict verdict) {
    return static_cast<std::size_t>(
        std::ranges::count(summary.expectations, verdict, &ExpectationResult::verdict));
}

const ExpectationResult& first_of(const Summary& summary, Verdict verdict) {
    return *std::ranges::find(summary.expectations, verdict, &ExpectationResult::verdict);
}

void decide_by_expectations(bool faults_missing, Summary& summary) {
    const std::size_t expected = summary.expectations.size();
    if (const std::size_t broken = count_of(summary, Verdict::fail); broken > 0) {
        const ExpectationResult& first = first_of(summary, Verdict::fail);
        summary.outcome = RunOutcome::fail;
        summary.reason = fmt::format("{} of {} expectations broken, first \"{}\": {}",
                                     broken,
                                     expected,
                                     first.text,
                                     first.explanation);
    } else if (faults_missing) {
        summary.outcome = RunOutcome::inconclusive;
        summary.reason = "no fault trial counted, so nothing was shown";
    } else if (const std::size_t open = count_of(summary, Verdict::inconclusive); open > 0) {
        const ExpectationResult& first = first_of(summary, Verdict::inconclusive);
        summary.outcome = RunOutcome::inconclusive;
        summary.reason = fmt::format("{} of {} expectations undecided, first \"{}\": {}",
                                     open,
                                     expected,
                                     first.text,
                                     first.explanation);
    } else {
        summary.outcome = RunOutcome::pass;
        summary.reason = expected == 0 ? "every trial was measured; nothing is expected"
                                       : fmt::format("all {} expectations hold", expected);
    }
}

void mention_disturbed(Summary& summary) {
    const auto disturbed = summary.outcomes.find("disturbed");
    if (disturbed == summary.outcomes.end()) return;
    summary.reason +=
        fmt::format("; {} of {} fault trials not counted because the system moved by itself",
                    disturbed->second,
                    disturbed->second + summary.fault_trials);
}

}  // namespace

Summary judge(const Scenario& scenario, std::span<const TrialMeasured> trials) {
    Summary summary;
    count_trials(trials, summary);
    const Columns columns = columns_of(scenario, trials);
    measure_across(columns, summary);
    for (const Expectation& expectation : scenario.expectations) {
        summary.expectations.push_back(judge_expectation(expectation, columns));
    }
    if (!decide_by_trials(trials.size(), summary)) {
        // A run of control trials alone was asked for by whoever started it.
        const bool faults_asked =
            std::ranges::any_of(trials, [](const TrialMeasured& trial) { return !trial.control; });
        decide_by_expectations(trials.empty() || (faults_asked && summary.fault_trials == 0),
                               summary);
    }
    mention_disturbed(summary);
    return summary;
}

}  // namespace faultline
