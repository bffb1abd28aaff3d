// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/judge/outcome.hpp"
#include "harness/measure/injection_measures.hpp"
#include "harness/measure/statistics.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// One trial as the judge sees it: small, so that 100,000 of them fit.
struct TrialMeasured {
    bool control = false;
    TrialOutcome outcome = TrialOutcome::pass;
    std::vector<std::string> injection_ids{};
    std::vector<InjectionMeasures> injections{};
    std::optional<std::uint64_t> lost_writes{};  // absent: not checked
    std::optional<std::uint64_t> unknown_writes{};
    std::optional<std::uint64_t> stale_reads{};  // absent: no read was checked
    std::uint64_t false_detections = 0;
    Duration false_detection_exposure{};
    bool disturbed = false;  // moved by itself: not counted as a fault trial
};

/// The distribution of a span across trials; censored ones are longer than all that were waited for
/// as long. Absent: among the censored. Intervals at `report_confidence`. Units: nanoseconds.
struct SpanSummary {
    std::size_t n = 0;
    std::size_t censored = 0;  // trials in which it was only known to be longer
    std::optional<double> min{}, p50{}, p90{}, p95{}, p99{}, max{}, mean{};
    Interval p50_interval{}, p90_interval{}, p95_interval{}, p99_interval{};
};
struct ShareSummary {
    std::size_t n = 0;
    std::optional<double> mean{}, min{}, p50{}, max{};
    Interval mean_interval{};
};
struct ProportionSummary {
    std::uint64_t k = 0, n = 0;
    Interval interval{};
};
struct CountSummary {
    std::size_t n = 0;
    std::uint64_t total = 0, max = 0;
    double mean = 0;
};

/// The measures of one injection id across the counted fault trials.
struct InjectionSummary {
    std::string id;
    std::map<std::string, SpanSummary>
        spans{};  // detection_time, recovery_time, downtime, redundancy_time
    ShareSummary success_rate{};
    std::map<std::string, ProportionSummary> proportions{};  // detected, recovered, masked
    std::map<std::string, std::map<std::string, std::uint64_t>>
        diagnoses{};  // fault → cause → count
};

enum class Verdict { pass, fail, inconclusive };
[[nodiscard]] std::string_view name_of(Verdict verdict);

struct ExpectationResult {
    std::string text;
    Verdict verdict = Verdict::inconclusive;
    std::optional<double> value{};  // the point, in the expectation's unit
    Interval interval{};            // or the bound used, when a confidence was asked
    std::string explanation{};      // one sentence; when inconclusive, what would decide
    std::optional<std::size_t> trials_needed{};
};

struct Summary {
    RunOutcome outcome = RunOutcome::pass;
    std::string reason{};          // one sentence why
    std::size_t fault_trials = 0;  // counted
    std::size_t control_trials = 0;
    std::size_t invalid_trials = 0;  // unhealthy, ineffective, disturbed, harness errors
    std::map<std::string, std::size_t>
        outcomes{};  // how many trials ended how; "disturbed" for those
    std::vector<InjectionSummary>
        injections{};  // in scenario order; [0] is what unnamed metrics mean
    /// lost_writes, unknown_writes, stale_reads, false_detections; without those never checked.
    std::map<std::string, CountSummary> counts{};
    double false_detections_per_hour = 0;
    std::vector<ExpectationResult> expectations{};
};

inline constexpr double report_confidence = 0.95;  // of the intervals in reports

/// All trials → measures across trials → verdict. Pure.
///
/// A fault trial counts when its outcome is `pass` and it was not disturbed; what does not count is
/// in `invalid_trials` and `outcomes`, never dropped silently. The run's outcome is the first of
/// these that applies:
///
///     interrupted     a trial was interrupted
///     harness error   any trial: a harness that failed once may have been wrong elsewhere
///     ineffective     any trial: a fault that did nothing is never green
///     unhealthy       any trial: the system did not even stand without a fault
///     fail            an expectation is broken
///     inconclusive    an expectation is undecided, or no fault trial counted
///     pass            everything else, also a scenario that expects nothing
///
/// Expectations. Without `@` the point is compared; a quantile that lies among censored trials is
/// known only to exceed what was observed, so it breaks an upper bound below that and decides
/// nothing about one above. With `@ c` one-sided confidence bounds are compared: it passes when the
/// whole bound lies on the good side and fails when it lies on the bad side, each wrongly with
/// probability ≤ 1 − c, and is inconclusive between, with the trials that would decide. These
/// bounds take a censored time as early for one side and as late for the other as it can be, so
/// they hold however trials were censored. `==` and `!=` with `@` are never decided. Counts (lost
/// writes) are facts of the trials that ran, fault and control, and compare as they are, with or
/// without `@`.
[[nodiscard]] Summary judge(const Scenario& scenario, std::span<const TrialMeasured> trials);

}  // namespace faultline
