// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include "harness/measure/rank_distribution.hpp"
#include "harness/measure/two_samples.hpp"

namespace faultline {
namespace {

/// Both samples in one line, with doubled mid-ranks: those are whole numbers.
struct Ranked {
    std::vector<std::uint32_t> doubled_ranks{};  // of all values, ascending
    std::uint64_t doubled_head_sum = 0;
    double ties = 0;  // sum of t³ − t over groups of equal values
};

Ranked rank_together(std::span<const double> base, std::span<const double> head) {
    struct Value {
        double value;
        bool of_head;
    };
    std::vector<Value> all;
    all.reserve(base.size() + head.size());
    for (const double value : base)
        all.push_back({value, false});
    for (const double value : head)
        all.push_back({value, true});
    std::ranges::sort(all, {}, &Value::value);
    Ranked ranked;
    ranked.doubled_ranks.reserve(all.size());
    for (std::size_t first = 0; first < all.size();) {
        std::size_t end = first;
        while (end < all.size() && all[end].value == all[first].value)
            ++end;
        const auto doubled = static_cast<std::uint32_t>(first + 1 + end);  // ranks first+1 ... end
        const double size = static_cast<double>(end - first);
        ranked.ties += size * size * size - size;
        for (; first < end; ++first) {
            ranked.doubled_ranks.push_back(doubled);
            if (all[first].of_head) ranked.doubled_head_sum += doubled;
        }
    }
    return ranked;
}

struct Tails {
    double at_least = 1;  // P(U ≥ u)
    double at_most = 1;   // P(U ≤ u)
};

Tails exact_tails(std::size_t n, std::size_t m, std::size_t u) {
    const RankDistribution distribution(n, m);
    // U is symmetric, so the upper tail is the lower one of the mirrored u.
    return {distribution.at_most(n * m - u), distribution.at_most(u)};
}

/// Over all choices of the head's places among the ranks that are there, ties included.
Tails permutation_tails(const Ranked& ranked, std::size_t base_n, std::size_t head_n) {
    // The places of the smaller sample, and its sum of ranks counted from that end to which it is
    // nearer: as little to count as there can be, and a small chance comes out exact.
    const bool of_head = head_n <= base_n;
    const std::size_t chosen = of_head ? head_n : base_n;
    const std::uint32_t least = ranked.doubled_ranks.front(), most = ranked.doubled_ranks.back();
    std::uint64_t total = 0;
    for (const std::uint32_t rank : ranked.doubled_ranks)
        total += rank;
    const std::uint64_t ranks = of_head ? ranked.doubled_head_sum : total - ranked.doubled_head_sum;
    const std::uint64_t from_below = ranks - std::uint64_t{least} * chosen;
    const std::uint64_t from_above = std::uint64_t{most} * chosen - ranks;
    const bool low = from_below <= from_above;
    std::vector<std::uint32_t> scores;
    scores.reserve(ranked.doubled_ranks.size());
    for (const std::uint32_t rank : ranked.doubled_ranks)
        scores.push_back(low ? rank - least : most - rank);
    const ChoiceSum tail = choice_sum(scores, chosen, low ? from_below : from_above);
    // A low sum of the one is a high one of the other.
    return low == of_head ? Tails{.at_least = 1 - tail.below, .at_most = tail.at_most}
                          : Tails{.at_least = tail.at_most, .at_most = 1 - tail.below};
}

Tails normal_tails(double n, double m, double u, double ties) {
    const double all = n + m;
    const double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
    if (variance <= 0) return {};
    const double spread = std::sqrt(variance);
    const double centre = n * m / 2;
    const boost::math::normal normal;
    return {boost::math::cdf(complement(normal, (u - 0.5 - centre) / spread)),
            boost::math::cdf(normal, (u + 0.5 - centre) / spread)};
}

}  // namespace

RankTest rank_test(std::span<const double> base, std::span<const double> head) {
    RankTest result;
    if (base.empty() || head.empty()) return result;
    const std::size_t pairs = base.size() * head.size();
    const Ranked ranked = rank_together(base, head);
    const std::uint64_t doubled_u =
        ranked.doubled_head_sum - std::uint64_t{head.size()} * (head.size() + 1);
    result.u = static_cast<double>(doubled_u) / 2;
    result.superiority = result.u / static_cast<double>(pairs);
    const bool all_equal = ranked.doubled_ranks.front() == ranked.doubled_ranks.back();
    Tails tails;
    if (!all_equal && pairs <= exact_pairs_max) {
        tails = ranked.ties > 0 ? permutation_tails(ranked, base.size(), head.size())
                                : exact_tails(base.size(), head.size(), doubled_u / 2);
    } else if (!all_equal) {
        tails = normal_tails(static_cast<double>(base.size()),
                             static_cast<double>(head.size()),
                             result.u,
                             ranked.ties);
    }
    result.p_larger = tails.at_least;
    result.p_smaller = tails.at_most;
    result.p_different = std::min(1.0, 2 * std::min(result.p_larger, result.p_smaller));
    return result;
}

}  // namespace faultline
