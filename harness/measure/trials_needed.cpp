// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdlib>

#include "harness/base/check.hpp"
#include "harness/measure/statistics.hpp"

namespace faultline {
namespace {

/// The smallest n with share^n ≤ 1 − confidence.
std::size_t trials_until(double share, double confidence) {
    if (share <= 0) return 1;
    if (share >= 1) return never_enough;
    const double exact = std::log1p(-confidence) / std::log(share);
    return static_cast<std::size_t>(std::max(1.0, std::ceil(exact - 1e-9)));
}

}  // namespace

std::size_t trials_for_quantile_upper(double q, double confidence) {
    return trials_until(q, confidence);
}

std::size_t trials_for_quantile_lower(double q, double confidence) {
    return trials_until(1 - q, confidence);
}

std::size_t trials_for_proportion_at_least(double proportion, double confidence) {
    return trials_until(proportion, confidence);
}

std::size_t trials_for_proportion_at_most(double proportion, double confidence) {
    return trials_until(1 - proportion, confidence);
}

std::optional<std::size_t> trials_to_decide(std::uint64_t k,
                                            std::uint64_t n,
                                            double threshold,
                                            double confidence) {
    FL_CHECK_OP(<=, k, n);
    constexpr std::size_t trials_max = 1'000'000;
    if (n == 0) return std::nullopt;
    const double share = static_cast<double>(k) / static_cast<double>(n);
    const bool above = share > threshold;
    if (!above && !(share < threshold)) return std::nullopt;
    const auto decides = [&](std::size_t trials) {
        const double successes = share * static_cast<double>(trials);
        // Rounded to the undecided side.
        if (above) {
            const auto down = static_cast<std::uint64_t>(std::floor(successes + 1e-9));
            return proportion_lower_bound(down, trials, confidence) >= threshold;
        }
        const auto up = static_cast<std::uint64_t>(std::ceil(successes - 1e-9));
        return proportion_upper_bound(up, trials, confidence) < threshold;
    };
    std::size_t high = static_cast<std::size_t>(n);
    while (!decides(high)) {
        if (high >= trials_max) return std::nullopt;
        high = std::min(high * 2, trials_max);
    }
    std::size_t low = high / 2;
    while (low + 1 < high) {
        const std::size_t middle = low + (high - low) / 2;
        (decides(middle) ? high : low) = middle;
    }
    return high;
}

}  // namespace faultline
