// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "harness/base/check.hpp"
#include "harness/measure/binomial.hpp"
#include "harness/measure/statistics.hpp"

namespace faultline {
namespace {

// The number B of values below the q-quantile is binomial(n, q), whatever the distribution. So the
// r-th smallest value is at or below the quantile unless B ≤ r − 1, and the s-th is at or above it
// unless B ≥ s. Ranks count from 1; rank 0 is −infinity and rank n + 1 is +infinity.

double miss_below(std::int64_t r, std::int64_t n, double q) {
    return binomial_at_most(r - 1, n, q);
}
double miss_above(std::int64_t s, std::int64_t n, double q) {
    return binomial_at_least(s, n, q);
}

/// The largest r whose value misses with probability ≤ risk; 0 when none does.
std::int64_t lower_rank(std::int64_t n, double q, double risk) {
    std::int64_t low = 0;
    std::int64_t high = n;
    while (low < high) {
        const std::int64_t middle = high - (high - low) / 2;
        if (miss_below(middle, n, q) <= risk) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/// The smallest s whose value misses with probability ≤ risk; n + 1 when none does.
std::int64_t upper_rank(std::int64_t n, double q, double risk) {
    std::int64_t low = 1;
    std::int64_t high = n + 1;
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2;
        if (miss_above(middle, n, q) <= risk) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

struct Ranks {
    std::int64_t low;
    std::int64_t high;
};

/// The closest ranks that together miss with probability ≤ risk, by even tails among the closest.
/// Equal tails would be simpler, but ranks are coarse: at n = 100 they make a 95 % interval for p95
/// a 98.3 % one.
Ranks closest_ranks(std::int64_t n, double q, double risk) {
    const std::int64_t least_high = upper_rank(n, q, risk);
    const std::int64_t most_low = lower_rank(n, q, risk);
    Ranks best{0, n + 1};
    double best_imbalance = 2;
    std::int64_t high = n + 1;
    // Downward in `low` there is more risk left for `high`, until it cannot come nearer.
    for (std::int64_t low = most_low; low >= 1; --low) {
        const double below = miss_below(low, n, q);
        if (low == most_low) high = upper_rank(n, q, risk - below);
        while (high > least_high && miss_above(high - 1, n, q) <= risk - below)
            --high;
        if (high <= n) {
            const double imbalance = std::abs(miss_above(high, n, q) - below);
            const std::int64_t gain = (best.high - best.low) - (high - low);
            if (best.high > n || gain > 0 || (gain == 0 && imbalance < best_imbalance)) {
                best = {low, high};
                best_imbalance = imbalance;
            }
        }
        if (high == least_high) break;
    }
    if (best.high <= n) return best;
    // Both ends cannot be closed. The one nearer to its rank is, at the whole level.
    if (most_low >= 1 && (least_high > n || q >= 0.5)) return {most_low, n + 1};
    return {0, least_high};
}

double at_rank(std::span<const double> sorted, std::int64_t rank) {
    if (rank < 1) return -std::numeric_limits<double>::infinity();
    if (rank > std::ssize(sorted)) return std::numeric_limits<double>::infinity();
    return sorted[static_cast<std::size_t>(rank - 1)];
}

}  // namespace

bool Interval::closed() const {
    return std::isfinite(low) && std::isfinite(high);
}

std::size_t quantile_index(std::size_t n, double q) {
    FL_CHECK_OP(>, n, std::size_t{0});
    // 0.95 * 20 may come out a little above 19; the rank is 19 all the same.
    constexpr double rounding = 1e-9;
    const double rank = std::ceil(q * static_cast<double>(n) - rounding);
    return static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(n))) - 1;
}

double quantile(std::span<const double> sorted, double q) {
    return sorted[quantile_index(sorted.size(), q)];
}

Interval quantile_interval(std::span<const double> sorted, double q, double confidence) {
    if (sorted.empty()) return {};
    const Ranks ranks = closest_ranks(std::ssize(sorted), q, 1 - confidence);
    return {at_rank(sorted, ranks.low), at_rank(sorted, ranks.high)};
}

double quantile_upper_bound(std::span<const double> sorted, double q, double confidence) {
    return at_rank(sorted, upper_rank(std::ssize(sorted), q, 1 - confidence));
}

double quantile_lower_bound(std::span<const double> sorted, double q, double confidence) {
    return at_rank(sorted, lower_rank(std::ssize(sorted), q, 1 - confidence));
}

}  // namespace faultline
