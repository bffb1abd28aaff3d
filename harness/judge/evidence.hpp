// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "harness/judge/columns.hpp"

namespace faultline {

/// Quantiles and proportions come down to one question: does at least `share` of all trials keep
/// the bound, when k of n did?
struct Support {
    std::uint64_t k = 0, n = 0;
    double share = 0;
};

/// What the trials say about the measure an expectation names.
struct Evidence {
    std::size_t n = 0;
    std::size_t censored = 0;
    std::optional<double> point{};
    /// Where the point is absent it is known to exceed this.
    double beyond = -std::numeric_limits<double>::infinity();
    /// One-sided bounds at the confidence asked, each on its own; the report's interval without
    /// one.
    Interval bounds{};
    std::optional<Support> support{};
};

/// Absent: the run measures no such thing; the name was valid, but this scenario has no such
/// injection or nothing to count.
[[nodiscard]] std::optional<Evidence> gather_evidence(const Expectation& expectation,
                                                      const Columns& columns);

}  // namespace faultline
