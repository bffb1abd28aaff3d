// SPDX-License-Identifier: Apache-2.0
// Proportions and counts: what is compared by how often it happened.
#include <algorithm>
#include <cmath>

#include "harness/judge/comparison_evidence.hpp"
#include "harness/measure/two_samples.hpp"

namespace faultline {
namespace {

double share_of(const Tally& tally) {
    return static_cast<double>(tally.k) / static_cast<double>(tally.n);
}

bool lies_within(const Interval& interval, double effect) {
    return interval.low > -effect && interval.high < effect;
}

/// How many trials a side make the interval decide, if both shares go on as they are.
std::size_t needed_for_proportions(const Tally& base,
                                   const Tally& head,
                                   const ComparisonOptions& options) {
    constexpr std::size_t trials_max = 1'000'000;
    const bool moved = std::abs(share_of(head) - share_of(base)) >= options.effect;
    const auto decides = [&](std::size_t n) {
        const auto scaled = [&](const Tally& tally) {
            return static_cast<std::uint64_t>(
                std::llround(share_of(tally) * static_cast<double>(n)));
        };
        const Interval interval =
            proportion_difference_interval(scaled(base), n, scaled(head), n, options.confidence);
        return moved ? interval.low > 0 || interval.high < 0
                     : lies_within(interval, options.effect);
    };
    // What the interval decides and the adjusted test did not takes a little more.
    constexpr double a_little_more = 1.25;
    const auto now = static_cast<std::size_t>(std::min(base.n, head.n));
    std::size_t low = static_cast<std::size_t>(static_cast<double>(now) * a_little_more);
    std::size_t high = low + 1;
    while (!decides(high)) {
        if (high >= trials_max) return never_enough;
        low = high;
        high = std::min(high * 2, trials_max);
    }
    while (low + 1 < high) {
        const std::size_t middle = low + (high - low) / 2;
        (decides(middle) ? high : low) = middle;
    }
    return high;
}

struct CountFacts {
    double mean = 0;
    std::size_t total = 0, trials = 0;
};

CountFacts facts_of(const Sample& sample) {
    CountFacts facts;
    for (const double value : sample.latest()) {
        facts.total += static_cast<std::size_t>(value);
        facts.trials += value > 0 ? 1 : 0;
    }
    facts.mean = static_cast<double>(facts.total) / static_cast<double>(sample.size());
    return facts;
}

}  // namespace

ComparisonEvidence compare_proportions(const std::string& subject,
                                       const Tally& base,
                                       const Tally& head,
                                       const ComparisonOptions& options) {
    ComparisonEvidence evidence{.subject = subject};
    MeasureComparison& row = evidence.row;
    row.unit = MeasureComparison::Unit::proportion;
    row.base_n = static_cast<std::size_t>(base.n);
    row.head_n = static_cast<std::size_t>(head.n);
    evidence.base_k = static_cast<std::size_t>(base.k);
    evidence.head_k = static_cast<std::size_t>(head.k);
    if (base.n == 0 || head.n == 0) return evidence;
    row.base_value = share_of(base);
    row.head_value = share_of(head);
    const ProportionDifference difference =
        proportion_difference(base.k, base.n, head.k, head.n, options.confidence);
    row.shift = difference.value;
    row.shift_interval = difference.interval;
    row.p_worse = difference.p_smaller;
    row.p_better = difference.p_larger;
    const std::uint64_t successes = base.k + head.k;
    evidence.testable = successes > 0 && successes < base.n + head.n;
    evidence.moved_worse = difference.interval.high < 0 && difference.value <= -options.effect;
    evidence.moved_better = difference.interval.low > 0 && difference.value >= options.effect;
    evidence.within = lies_within(difference.interval, options.effect);
    evidence.needed = needed_for_proportions(base, head, options);
    return evidence;
}

ComparisonEvidence compare_counts(const std::string& subject,
                                  const Sample& base,
                                  const Sample& head,
                                  const ComparisonOptions& options) {
    ComparisonEvidence evidence{.subject = subject};
    MeasureComparison& row = evidence.row;
    row.unit = MeasureComparison::Unit::count;
    row.base_n = base.size();
    row.head_n = head.size();
    const CountFacts of_base = facts_of(base), of_head = facts_of(head);
    evidence.base_k = of_base.total;
    evidence.head_k = of_head.total;
    evidence.base_trials_k = of_base.trials;
    evidence.head_trials_k = of_head.trials;
    if (base.empty() || head.empty()) return evidence;
    row.base_value = of_base.mean;
    row.head_value = of_head.mean;
    row.shift = of_head.mean - of_base.mean;
    const RankTest test = rank_test(base.latest(), head.latest());
    row.p_worse = test.p_larger;
    row.p_better = test.p_smaller;
    evidence.testable = base.latest().front() != head.latest().back() ||
                        head.latest().front() != base.latest().back();
    evidence.moved_worse = *row.shift > 0 && of_head.mean >= of_base.mean * (1 + options.effect);
    evidence.moved_better = *row.shift < 0 && of_base.mean >= of_head.mean * (1 + options.effect);
    evidence.within = !evidence.testable;
    if (of_base.total == 0 && of_head.total == 0) evidence.fact = Change::same;
    if (subject == "lost_writes" && of_base.total == 0 && of_head.total > 0)
        evidence.fact = Change::worse;
    return evidence;
}

}  // namespace faultline
