// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "harness/judge/columns.hpp"
#include "harness/judge/comparison.hpp"

namespace faultline {

/// What two runs say of one measure, before it is decided: the adjustment over all measures comes
/// between. columns of both runs ─► evidence ─► adjusted p ─► change and words.
struct ComparisonEvidence {
    MeasureComparison row{};   // values and shifts; p as tested
    std::string subject{};     // "recovery_time", without an injection
    std::string injection{};   // empty: the first
    bool testable = true;      // not all values are equal
    bool moved_worse = false;  // the interval excludes no change, and the shift counts
    bool moved_better = false;
    bool within = false;                 // the interval lies within what does not count
    std::optional<Change> fact{};        // decided without a test
    std::size_t base_k = 0, head_k = 0;  // successes of proportions; totals of counts
    std::size_t base_trials_k = 0, head_trials_k = 0;  // trials with a count above 0
    std::size_t needed = never_enough;  // trials a side, when it turns out inconclusive
};

[[nodiscard]] ComparisonEvidence compare_spans(const std::string& subject,
                                               const Sample& base,
                                               const Sample& head,
                                               const ComparisonOptions& options);
[[nodiscard]] ComparisonEvidence compare_shares(const std::string& subject,
                                                const Sample& base,
                                                const Sample& head,
                                                const ComparisonOptions& options);
[[nodiscard]] ComparisonEvidence compare_proportions(const std::string& subject,
                                                     const Tally& base,
                                                     const Tally& head,
                                                     const ComparisonOptions& options);
[[nodiscard]] ComparisonEvidence compare_counts(const std::string& subject,
                                                const Sample& base,
                                                const Sample& head,
                                                const ComparisonOptions& options);

/// One sentence about a decided measure. Requires: `row.change` is set.
[[nodiscard]] std::string explain_change(const ComparisonEvidence& evidence,
                                         const ComparisonOptions& options);

}  // namespace faultline
