// SPDX-License-Identifier: Apache-2.0
#include "harness/measure/two_samples.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include "harness/measure/rank_distribution.hpp"

namespace faultline {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double difference(double base, double head) {
    return head - base;
}
double ratio(double base, double head) {
    return head / base;
}

/// Doubles as whole numbers of the same order, to halve the distance between two of them until
/// none is left between: 64 steps whatever their size.
std::int64_t order_of(double value) {
    const auto bits = std::bit_cast<std::int64_t>(value);
    return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
}
double value_of(std::int64_t order) {
    return std::bit_cast<double>(order >= 0 ? order
                                            : std::numeric_limits<std::int64_t>::min() - order);
}

std::vector<double> sorted_copy(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::ranges::sort(sorted);
    return sorted;
}

/// All pairs of a base and a head value, by what lies between them, without writing a million of
/// them down: a rank is found by counting how many pairs lie at or below a value, which takes one
/// walk along both sorted samples. `between` falls with the base value and rises with the head's.
template <double (*between)(double base, double head)>
class Pairs {
  public:
    Pairs(std::span<const double> base, std::span<const double> head)
        : base_(sorted_copy(base)), head_(sorted_copy(head)) {
        const auto drop_infinite = [](std::vector<double>& values) {
            const auto all = values.size();
            while (!values.empty() && values.back() == infinity)
                values.pop_back();
            return all - values.size();
        };
        const std::size_t base_censored = drop_infinite(base_);
        const std::size_t head_censored = drop_infinite(head_);
        finite_ = base_.size() * head_.size();
        below_all_ = base_censored * head_.size();
        above_all_ = base_.size() * head_censored;
        undetermined_ = base_censored * head_censored;
    }

    [[nodiscard]] std::size_t size() const {
        return finite_ + below_all_ + above_all_ + undetermined_;
    }

    /// The middle one. Pairs of two censored values lie as likely on this side as on that.
    [[nodiscard]] double median() const {
        const std::size_t determined = size() - undetermined_;
        if (determined == 0) return std::numeric_limits<double>::quiet_NaN();
        const double low = determined_rank((determined + 1) / 2);
        if (determined % 2 == 1) return low;
        const double high = determined_rank(determined / 2 + 1);
        return low == high ? low : low + (high - low) / 2;
    }
    /// The one of a rank from 1, from below and from above; pairs of two censored values may lie
    /// anywhere, so they lie where they make the interval wider.
    [[nodiscard]] double rank_from_below(std::size_t rank) const {
        return rank <= undetermined_ ? -infinity : determined_rank(rank - undetermined_);
    }
    [[nodiscard]] double rank_from_above(std::size_t rank) const {
        return rank <= undetermined_ ? infinity : determined_rank(size() + 1 - rank);
    }

  private:
    [[nodiscard]] double determined_rank(std::size_t rank) const {
        if (rank <= below_all_) return -infinity;
        rank -= below_all_;
        return rank > finite_ ? infinity : finite_rank(rank);
    }
    [[nodiscard]] std::size_t at_or_below(double value) const {
        std::size_t count = 0;
        std::size_t first = 0;  // of the base values that are large enough
        for (const double head : head_) {
            while (first < base_.size() && between(base_[first], head) > value)
                ++first;
            count += base_.size() - first;
        }
        return count;
    }
    [[nodiscard]] double finite_rank(std::size_t rank) const {
        std::int64_t low = order_of(between(base_.back(), head_.front()));
        std::int64_t high = order_of(between(base_.front(), head_.back()));
        while (low < high) {
            const std::int64_t middle = std::midpoint(low, high);  // towards low
            if (at_or_below(value_of(middle)) >= rank) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return value_of(low);
    }

    std::vector<double> base_, head_;  // finite ones, sorted
    std::size_t finite_ = 0, below_all_ = 0, above_all_ = 0, undetermined_ = 0;
};

template <double (*between)(double, double)>
Shift shift_of(std::span<const double> base, std::span<const double> head, double confidence) {
    if (base.empty() || head.empty()) return {std::numeric_limits<double>::quiet_NaN(), {}};
    const Pairs<between> pairs(base, head);
    Shift shift{pairs.median(), {}};
    const std::size_t rank =
        RankDistribution(base.size(), head.size()).closing_rank((1 - confidence) / 2);
    if (rank > 0) shift.interval = {pairs.rank_from_below(rank), pairs.rank_from_above(rank)};
    return shift;
}

/// The chance that a value of the sample, `effect` larger, exceeds another one of it, with half of
/// the ties. Shape: sorted, at least two values.
double chance_to_exceed(const std::vector<double>& sorted, double effect) {
    double larger = 0;
    for (const double value : sorted) {
        const auto [first, end] = std::equal_range(sorted.begin(), sorted.end(), value + effect);
        larger +=
            static_cast<double>(first - sorted.begin()) + static_cast<double>(end - first) / 2;
        // Itself was counted: as smaller, or, censored, as equal.
        larger -= value + effect > value ? 1 : 0.5;
    }
    const double n = static_cast<double>(sorted.size());
    return larger / (n * (n - 1));
}

/// The fewest values a side with which an interval for the shift is closed at all.
std::size_t fewest_for_interval(double confidence) {
    std::size_t n = 1;
    constexpr std::size_t enough = 50;
    while (n < enough && RankDistribution(n, n).closing_rank((1 - confidence) / 2) == 0)
        ++n;
    return n;
}

}  // namespace

Shift shift_between(std::span<const double> base, std::span<const double> head, double confidence) {
    return shift_of<difference>(base, head, confidence);
}

Shift relative_shift_between(std::span<const double> base,
                             std::span<const double> head,
                             double confidence) {
    Shift shift = shift_of<ratio>(base, head, confidence);
    shift.value -= 1;
    shift.interval.low -= 1;
    shift.interval.high -= 1;
    return shift;
}

// Noether, "Sample size determination for some common nonparametric tests", JASA 82 (1987): the
// rank test tells p = P(head > base) from a half with n = (z + z')² / 6 (p − ½)² values a side.
// Here z' is for both errors, so that "no shift" is shown as surely as "a shift".
std::size_t trials_to_tell(std::span<const double> base,
                           std::span<const double> head,
                           double effect,
                           double confidence) {
    constexpr double trials_max = 1e6;
    constexpr double power = 0.8;
    const std::size_t fewest = fewest_for_interval(confidence);
    if (!(effect > 0)) return never_enough;
    double chance = 0;
    double weight = 0;
    for (const auto& sample : {base, head}) {
        if (sample.size() < 2) continue;
        const double size = static_cast<double>(sample.size());
        chance += size * chance_to_exceed(sorted_copy(sample), effect);
        weight += size;
    }
    if (weight == 0) return fewest;  // nothing is known of the spread
    const double beyond_half = chance / weight - 0.5;
    if (beyond_half <= 0) return never_enough;
    const boost::math::normal normal;
    const double z = boost::math::quantile(normal, 0.5 + confidence / 2) +
                     boost::math::quantile(normal, 0.5 + power / 2);
    const double needed = std::ceil(z * z / (6 * beyond_half * beyond_half));
    if (needed > trials_max) return never_enough;
    return std::max(fewest, static_cast<std::size_t>(needed));
}

}  // namespace faultline
