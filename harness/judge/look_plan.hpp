// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace faultline {

// Looking again and again at growing samples and stopping at the first striking one would raise the
// alarm far more often than any single look. A sequential test therefore says beforehand how much
// of its error each look may spend.

/// When a comparison that runs trials until it knows looks at those it has.
struct LookPlan {
    std::vector<std::size_t>
        trials;                    // of the head, and of the base unless that is fixed; ascending
    std::vector<double> fraction;  // of the information of the last look; ends with 1
};

/// Looks at 8, 10, 12, 15, 19 ... trials, each a quarter more, up to `trials_max`: what is plain is
/// seen early, however large or small it is. `base_fixed`: the base has this many trials and gets
/// no more. Requires: trials_max > 0, base_fixed > 0.
[[nodiscard]] LookPlan plan_looks(std::size_t trials_max,
                                  std::optional<std::size_t> base_fixed = std::nullopt);

/// The level at which to test at each look so that over all of them a true hypothesis is rejected
/// with probability `level`: spent as level · ln(1 + (e − 1) t) at fraction t of the information,
/// which treats early and late looks much alike.
/// Source: Lan and DeMets, Biometrika 70 (1983); recursion of Armitage, McPherson and Rowe, JRSS A
/// 132 (1969). Rank statistics have the joint distribution this needs: Nowak, Mütze and
/// Konietschke, Statistical Methods in Medical Research 31 (2022).
/// Requires: 0 < level < 1, fractions ascending in (0, 1].
[[nodiscard]] std::vector<double> nominal_levels(double level, std::span<const double> fractions);

/// The standard normal's upper tail, and the point above which a share `p` of it lies.
[[nodiscard]] double normal_tail(double z);
[[nodiscard]] double normal_point(double p);

}  // namespace faultline
