// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/summary.hpp"

namespace faultline {

// What changed from one run, the base, to another, the head. Pure.

enum class Change { better, same, worse, inconclusive };
[[nodiscard]] std::string_view name_of(Change change);
/// worse is a failure, inconclusive is that, the others pass.
[[nodiscard]] RunOutcome outcome_of(Change change);

struct ComparisonOptions {
    /// The smallest change that counts: relative to the base's value for spans and counts, absolute
    /// in percentage points for shares and proportions. A share of 1, above 0.
    double effect = 0.10;
    double confidence = 0.95;
    std::vector<std::string> measures{};  // empty: all that both runs have; see comparable_measures
    /// A span's shift below this never counts, for the instrument cannot tell: the p99 error of
    /// calibration. Units: nanoseconds.
    double detection_error = 0, recovery_error = 0;
};

/// One measure of both runs. Units: nanoseconds for spans, shares of 1, counts.
struct MeasureComparison {
    std::string name;  // "recovery_time"; of further injections "second.recovery_time"
    enum class Unit { span, share, proportion, count } unit = Unit::span;
    std::size_t base_n = 0, head_n = 0;
    std::size_t base_censored = 0, head_censored = 0;
    std::optional<double> base_value{}, head_value{};  // medians; means for shares and counts
    /// head − base, in the unit: Hodges–Lehmann for spans and success rates, the difference for
    /// proportions, that of the means for counts, which have no interval. Absent: not finite.
    std::optional<double> shift{};
    Interval shift_interval{};
    std::optional<double> relative_shift{};  // of spans, share of the base's
    Interval relative_interval{};
    // Adjusted over the measures compared (Holm 1979): two-sided, and each side on its own.
    double p = 1, p_worse = 1, p_better = 1;
    Change change = Change::inconclusive;
    /// One sentence: "recovery takes 20 % longer [15 %, 26 %]", "cannot tell: ...".
    std::string explanation{};
    std::optional<std::size_t> trials_needed{};  // a side, when inconclusive
};
[[nodiscard]] std::string_view name_of(MeasureComparison::Unit unit);

/// Why two runs are not alike: another scenario, other parameters, another machine.
struct Mismatch {
    std::string what;  // "cpu"
    std::string base, head;
    bool serious = false;  // refused unless told to go on
};

struct RunComparison {
    ComparisonOptions options{};
    std::vector<MeasureComparison> measures{};  // the three numbers first
    /// worse if any measure is worse, else inconclusive if any is, else better if any is, else
    /// same.
    Change change = Change::inconclusive;
    std::string reason{};  // one sentence
};

/// What `ComparisonOptions::measures` may name for this scenario: "recovery_time", which is that of
/// the first injection, "second.recovery_time", "lost_writes".
[[nodiscard]] std::vector<std::string> comparable_measures(const Scenario& scenario);

/// Compares the counted fault trials of two runs of one scenario. Swapping base and head turns
/// every `better` into `worse` and the other way round.
///
/// A measure is, of these the first that holds,
///
///     worse         the one-sided test that it became worse has p ≤ 1 − confidence after Holm's
///                   adjustment, and the interval of the shift lies wholly on the worse side, and
///                   the shift is at least `effect`. So runs that do not differ are called worse
///                   with probability ≤ 1 − confidence, over all measures together
///     better        the mirror of that
///     same          the interval of the shift lies wholly within ± `effect` (equivalence: what
///                   was not shown to be small is not called the same)
///     inconclusive  everything else, with the trials a side that would decide
///
/// - Spans (smaller is better): rank test and Hodges–Lehmann; `effect` is of the ratio, so 10 % is
///   from 1/1.1 to 1.1 as in bioequivalence (Schuirmann, J. Pharmacokinetics and Biopharmaceutics
///   15, 1987). Where some trials were masked, their recovery time is 0 and no ratio exists: the
///   shift is then taken relative to the median of the side that was quicker; if that is 0 too, any
///   shift counts. Censored times are longer than all that was measured; one that was given up
///   before the longest measured time may have ended anywhere after, and each claim takes it where
///   it speaks against the claim. This judges the middle of a distribution; tails are for
///   expectations (`recovery_time.p99 <= 3s`).
/// - Success rate (larger is better): the same with `effect` in points. A few very bad trials move
///   the mean and not the middle: a mean that moved by `effect` counts too, and forbids `same`.
/// - detected, recovered, diagnosed, masked (more is better): Boschloo's test and Newcombe's
///   interval. One that no trial of either run broke is left out unless it is asked for, and so is
///   masked, which recovery time and success rate contain.
/// - lost_writes: a promise, not a rate. The head lost some and the base none: worse, however few
///   the trials. None in either: same. Both: the rank test, and means that differ by `effect`.
/// - stale_reads, false_detections, unknown_writes (fewer is better): the rank test, and means that
///   differ by `effect`. The first two are left out when there are none; the last, which are no
///   losses, unless asked for. Stale reads are no fact as losses are: whether a service promises
///   linearizable reads is said by an expectation.
/// - A measure that cannot differ (all values of both runs are equal) is no test and costs the
///   others nothing in the adjustment (Tarone, Biometrics 46, 1990).
///
/// Source: Holm, Scandinavian Journal of Statistics 6 (1979). Requires: `effect` > 0, 0 <
/// confidence < 1, names out of `comparable_measures`.
[[nodiscard]] RunComparison compare_trials(const Scenario& scenario,
                                           std::span<const TrialMeasured> base,
                                           std::span<const TrialMeasured> head,
                                           const ComparisonOptions& options);

}  // namespace faultline
