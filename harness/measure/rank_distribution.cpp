// SPDX-License-Identifier: Apache-2.0
#include "harness/measure/rank_distribution.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <boost/math/distributions/normal.hpp>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

/// How many of the C(n + m, n) orders have U = 0, 1, ... limit. These are the partitions of u into
/// at most n parts of at most m each: p(i, j, u) = p(i, j − 1, u) + p(i − 1, j, u − j). Only sums
/// of whole numbers, so nothing cancels and the tails are exact to the last digits.
std::vector<double> orders_by_u(std::size_t n, std::size_t m, std::size_t limit) {
    // For one i, a row for each j; row 0 is 1 at u = 0.
    std::vector<std::vector<double>> rows(m + 1, std::vector<double>(limit + 1, 0.0));
    for (auto& row : rows)
        row[0] = 1;
    for (std::size_t i = 1; i <= n; ++i) {
        for (std::size_t j = 1; j <= m; ++j) {
            const std::vector<double>& fewer = rows[j - 1];
            std::vector<double>& row = rows[j];
            // Downward, so that row[u - j] is still that of i − 1.
            for (std::size_t u = std::min(limit, i * j); u >= j; --u)
                row[u] = fewer[u] + row[u - j];
            for (std::size_t u = std::min(limit + 1, j); u-- > 1;)
                row[u] = fewer[u];
        }
    }
    return rows[m];
}

}  // namespace

RankDistribution::RankDistribution(std::size_t n, std::size_t m)
    : n_(std::min(n, m)), m_(std::max(n, m)) {
    FL_CHECK_OP(>, n_, std::size_t{0});
    if (n_ * m_ > exact_pairs_max) return;
    double orders = 1;  // C(n + m, n)
    for (std::size_t i = 1; i <= n_; ++i)
        orders *= static_cast<double>(m_ + i) / static_cast<double>(i);
    cumulative_ = orders_by_u(n_, m_, n_ * m_ / 2);
    std::partial_sum(cumulative_.begin(), cumulative_.end(), cumulative_.begin());
    for (double& value : cumulative_)
        value /= orders;
}

double RankDistribution::at_most(std::size_t u) const {
    FL_CHECK(!cumulative_.empty());
    if (u < cumulative_.size()) return cumulative_[u];
    if (u >= n_ * m_) return 1;
    return 1 - cumulative_[n_ * m_ - u - 1];  // U is symmetric
}

std::size_t RankDistribution::closing_rank(double risk) const {
    FL_CHECK_OP(<, risk, 0.5);
    if (!cumulative_.empty()) {
        const auto first_above =
            std::upper_bound(cumulative_.begin(), cumulative_.end(), risk * (1 + 1e-12));
        return static_cast<std::size_t>(first_above - cumulative_.begin());
    }
    const double n = static_cast<double>(n_), m = static_cast<double>(m_);
    const double spread = std::sqrt(n * m * (n + m + 1) / 12);
    const double z = boost::math::quantile(boost::math::normal(), risk);
    const double below = n * m / 2 + z * spread - 0.5;  // c − 1, with continuity
    return below < 0 ? 0 : static_cast<std::size_t>(below) + 1;
}

ChoiceSum choice_sum(std::span<const std::uint32_t> scores, std::size_t chosen, std::uint64_t sum) {
    FL_CHECK_OP(<=, chosen, scores.size());
    const auto limit = static_cast<std::size_t>(sum);
    // ways[k][s]: how many choices of k of the scores so far add up to s, none above largest[k].
    std::vector<std::vector<double>> ways(chosen + 1, std::vector<double>(limit + 1, 0.0));
    std::vector<std::size_t> largest(chosen + 1, 0);
    ways[0][0] = 1;
    std::size_t seen = 0;
    for (const std::uint32_t score : scores) {
        ++seen;
        if (score > limit) continue;
        for (std::size_t k = std::min(seen, chosen); k >= 1; --k) {
            const std::size_t highest = std::min(limit, largest[k - 1] + score);
            largest[k] = std::max(largest[k], highest);
            const std::vector<double>& fewer = ways[k - 1];
            std::vector<double>& these = ways[k];
            for (std::size_t s = score; s <= highest; ++s)
                these[s] += fewer[s - score];
        }
    }
    double orders = 1;
    for (std::size_t i = 1; i <= chosen; ++i)
        orders *= static_cast<double>(scores.size() - chosen + i) / static_cast<double>(i);
    const double below =
        std::accumulate(ways[chosen].begin(), ways[chosen].end() - 1, 0.0) / orders;
    return {std::min(1.0, below + ways[chosen].back() / orders), std::min(1.0, below)};
}

}  // namespace faultline
