// SPDX-License-Identifier: Apache-2.0
// Spans and success rates: what is compared by ranks and shifts.
#include <algorithm>
#include <cmath>

#include "harness/judge/comparison_evidence.hpp"
#include "harness/measure/two_samples.hpp"

namespace faultline {
namespace {

constexpr double endless = std::numeric_limits<double>::infinity();

std::optional<double> finite(double value) {
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// A sample twice: with censored times as early and as late as they can be. Those given up after
/// everything that was measured in either run are later than all of it, and infinite in both.
struct Bounds {
    std::vector<double> early, late;
    [[nodiscard]] bool certain() const { return early == late; }
};

Bounds bounds_of(const Sample& sample, double longest_measured) {
    Bounds bounds{sample.earliest(), sample.latest()};
    for (double& value : bounds.early) {
        if (value > longest_measured) value = endless;
    }
    return bounds;
}

double longest_measured(const Sample& sample) {
    const auto& sorted = sample.latest();
    const auto first_censored = std::ranges::lower_bound(sorted, endless);
    return first_censored == sorted.begin() ? -endless : *(first_censored - 1);
}

using ShiftFunction = Shift (*)(std::span<const double>, std::span<const double>, double);

/// The low end with the head as early as it can be, the high end with it as late.
Shift cautious_shift(ShiftFunction between,
                     const Bounds& base,
                     const Bounds& head,
                     double confidence) {
    Shift shift = between(base.late, head.late, confidence);
    if (base.certain() && head.certain()) return shift;
    shift.interval.low = between(base.late, head.early, confidence).interval.low;
    shift.interval.high = between(base.early, head.late, confidence).interval.high;
    return shift;
}

struct OneSided {
    double larger = 1, smaller = 1;
};
OneSided cautious_test(const Bounds& base, const Bounds& head) {
    const RankTest test = rank_test(base.late, head.early);
    if (base.certain() && head.certain()) return {test.p_larger, test.p_smaller};
    return {test.p_larger, rank_test(base.early, head.late).p_smaller};
}

bool all_equal(const Bounds& base, const Bounds& head) {
    return base.certain() && head.certain() &&
           std::min(base.early.front(), head.early.front()) ==
               std::max(base.late.back(), head.late.back());
}

/// How many trials a side narrow the interval enough. The spread tells; where it says that there
/// are enough already, the distance to the nearest decision does.
std::size_t needed_to_decide(std::size_t by_spread,
                             std::size_t now,
                             const Shift& shift,
                             double effect) {
    if (by_spread == never_enough || by_spread > now) return by_spread;
    constexpr double trials_max = 1e6;
    constexpr double at_least = 1.25;  // of what there is: less makes no difference
    const double reach = (shift.interval.high - shift.interval.low) / 2;
    const double moved = std::abs(shift.value);
    const double gap = moved >= effect ? moved : effect - moved;
    if (!std::isfinite(reach) || !(gap > 0)) return never_enough;
    const double needed =
        static_cast<double>(now) * std::max(at_least, (reach / gap) * (reach / gap));
    return needed > trials_max ? never_enough : static_cast<std::size_t>(std::ceil(needed));
}

double instrument_error(const std::string& subject, const ComparisonOptions& options) {
    return subject == "detection_time" ? options.detection_error : options.recovery_error;
}

/// On which side of `limits` the shift lies; limits.low < 0 < limits.high, or 0 where any counts.
void place(const Shift& shift, const Interval& limits, ComparisonEvidence& evidence) {
    evidence.moved_worse = shift.interval.low > 0 && shift.value >= limits.high;
    evidence.moved_better = shift.interval.high < 0 && shift.value <= limits.low;
    const auto& [low, high] = shift.interval;
    evidence.within = (low > limits.low || low >= 0) && (high < limits.high || high <= 0);
}

void fill_row(const Sample& base, const Sample& head, MeasureComparison& row) {
    row.base_n = base.size();
    row.head_n = head.size();
    row.base_censored = base.censored();
    row.head_censored = head.censored();
}

/// The smallest absolute changes that count: of the median of the side that is smaller.
Interval limits_of_spans(const MeasureComparison& row, double effect, double error) {
    return {-std::max(effect * row.head_value.value_or(endless), error),
            std::max(effect * row.base_value.value_or(endless), error)};
}

void take_relative(const Bounds& base,
                   const Bounds& head,
                   const Shift& shift,
                   const ComparisonOptions& options,
                   double error,
                   ComparisonEvidence& evidence) {
    const Shift relative = cautious_shift(relative_shift_between, base, head, options.confidence);
    evidence.row.relative_shift = finite(relative.value);
    evidence.row.relative_interval = relative.interval;
    place(relative, {1 / (1 + options.effect) - 1, options.effect}, evidence);
    // What the instrument cannot tell does not count, whatever its share of a short time.
    ComparisonEvidence by_instrument;
    place(shift, {-error, error}, by_instrument);
    evidence.moved_worse = evidence.moved_worse && shift.value >= error;
    evidence.moved_better = evidence.moved_better && shift.value <= -error;
    evidence.within = evidence.within || (error > 0 && by_instrument.within);
}

double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum / static_cast<double>(values.size());
}

}  // namespace

ComparisonEvidence compare_spans(const std::string& subject,
                                 const Sample& base_sample,
                                 const Sample& head_sample,
                                 const ComparisonOptions& options) {
    ComparisonEvidence evidence{.subject = subject};
    MeasureComparison& row = evidence.row;
    row.unit = MeasureComparison::Unit::span;
    fill_row(base_sample, head_sample, row);
    if (base_sample.empty() || head_sample.empty()) return evidence;
    row.base_value = base_sample.quantile(0.5);
    row.head_value = head_sample.quantile(0.5);
    const double longest = std::max(longest_measured(base_sample), longest_measured(head_sample));
    const Bounds base = bounds_of(base_sample, longest);
    const Bounds head = bounds_of(head_sample, longest);
    const OneSided test = cautious_test(base, head);
    row.p_worse = test.larger;
    row.p_better = test.smaller;
    evidence.testable = !all_equal(base, head);

    const Shift shift = cautious_shift(shift_between, base, head, options.confidence);
    row.shift = finite(shift.value);
    row.shift_interval = shift.interval;
    const double error = instrument_error(subject, options);
    if (std::min(base.early.front(), head.early.front()) > 0) {
        take_relative(base, head, shift, options, error, evidence);
    } else {  // masked trials
        place(shift, limits_of_spans(row, options.effect, error), evidence);
        if (row.base_value.value_or(0) > 0) {
            row.relative_shift = finite(shift.value / *row.base_value);
            row.relative_interval = {shift.interval.low / *row.base_value,
                                     shift.interval.high / *row.base_value};
        }
    }
    const double counts = std::max(options.effect * std::min(row.base_value.value_or(endless),
                                                             row.head_value.value_or(endless)),
                                   error);
    if (std::isfinite(counts)) {
        const std::size_t by_spread =
            trials_to_tell(base.late, head.late, counts, options.confidence);
        evidence.needed =
            needed_to_decide(by_spread, std::min(row.base_n, row.head_n), shift, counts);
    }
    return evidence;
}

ComparisonEvidence compare_shares(const std::string& subject,
                                  const Sample& base,
                                  const Sample& head,
                                  const ComparisonOptions& options) {
    ComparisonEvidence evidence{.subject = subject};
    MeasureComparison& row = evidence.row;
    row.unit = MeasureComparison::Unit::share;
    fill_row(base, head, row);
    if (base.empty() || head.empty()) return evidence;
    row.base_value = mean_of(base.latest());
    row.head_value = mean_of(head.latest());
    const RankTest test = rank_test(base.latest(), head.latest());
    row.p_worse = test.p_smaller;
    row.p_better = test.p_larger;
    evidence.testable = std::min(base.latest().front(), head.latest().front()) !=
                        std::max(base.latest().back(), head.latest().back());
    const Shift shift = shift_between(base.latest(), head.latest(), options.confidence);
    row.shift = shift.value;
    row.shift_interval = shift.interval;
    ComparisonEvidence as_span;  // where more is worse
    place(shift, {-options.effect, options.effect}, as_span);
    const double mean_shift = *row.head_value - *row.base_value;
    const bool closed = shift.interval.closed();  // else there are too few to claim anything
    evidence.moved_worse =
        as_span.moved_better || (closed && mean_shift <= -options.effect && shift.value <= 0);
    evidence.moved_better =
        as_span.moved_worse || (closed && mean_shift >= options.effect && shift.value >= 0);
    evidence.within = as_span.within && std::abs(mean_shift) < options.effect;
    const std::size_t by_spread =
        trials_to_tell(base.latest(), head.latest(), options.effect, options.confidence);
    evidence.needed =
        needed_to_decide(by_spread, std::min(row.base_n, row.head_n), shift, options.effect);
    return evidence;
}

}  // namespace faultline
