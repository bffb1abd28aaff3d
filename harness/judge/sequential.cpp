// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/sequential.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "harness/base/check.hpp"
#include "harness/measure/statistics.hpp"
#include "harness/measure/two_samples.hpp"

namespace faultline {
namespace {

// Giving up early. Source: stochastic curtailment, Lan, Simon and Halperin, Communications in
// Statistics C 1 (1982).
constexpr double hopeless_after = 0.3;     // of the information: before, trends mean little
constexpr double hopeless_chance = 0.02;   // of still deciding, if the trend were
constexpr double hopeless_kindness = 1.0;  // this many standard errors better than it looks

constexpr double z_most = 8;
constexpr double level_usual = 0.95;
constexpr double level_least = 1e-6, level_most = 0.499;

/// The p-value that goes with a family of bounds: the smallest level whose bound rejects.
template <class Rejected>
double smallest_rejecting(Rejected rejected) {
    constexpr int bisections = 24;
    if (!rejected(level_most)) return 1;
    double low = std::log(level_least), high = std::log(level_most);
    for (int i = 0; i < bisections; ++i) {
        const double middle = (low + high) / 2;
        (rejected(std::exp(middle)) ? high : low) = middle;
    }
    return std::exp(high);
}

/// The chance of a rejection at the last look, should the trend so far go on, or be somewhat
/// stronger than it looks.
double chance_of_rejection(double p, double fraction, double last_level) {
    const double z = std::clamp(normal_point(p), -z_most, z_most);
    const double position = z * std::sqrt(fraction);
    const double drift = position / fraction + hopeless_kindness / std::sqrt(fraction);
    const double left = 1 - fraction;
    const double expected = position + drift * left;
    return normal_tail((normal_point(last_level) - expected) / std::sqrt(left));
}

}  // namespace

double WorseningLimit::beyond(double base_value) const {
    return base_value + std::max(relative * base_value, absolute);
}

LookEvidence look_at(const TwoSeries& series, const WorseningLimit& limit) {
    if (series.base.empty() || series.head.empty()) return {};
    std::vector<double> made_worse;
    made_worse.reserve(series.base.size());
    for (const double value : series.base)
        made_worse.push_back(limit.beyond(value));
    const RankTest change = rank_test(series.base, series.head);
    const RankTest effect = rank_test(made_worse, series.head);
    return {.p_no_change = change.p_larger,
            .p_effect = effect.p_smaller,
            .effect_seen = effect.superiority >= 0.5};
}

LookEvidence look_at(const TwoTallies& tallies, double effect) {
    if (tallies.base_n == 0 || tallies.head_n == 0) return {};
    const std::uint64_t base_good = tallies.base_n - tallies.base_bad;
    const std::uint64_t head_good = tallies.head_n - tallies.head_bad;
    const double base_share = static_cast<double>(base_good) / static_cast<double>(tallies.base_n);
    const auto rejected = [&](double level) {
        const Interval difference =
            proportion_difference(
                base_good, tallies.base_n, head_good, tallies.head_n, 1 - 2 * level)
                .interval;
        const double head_least = proportion_lower_bound(head_good, tallies.head_n, 1 - level);
        return difference.low > -effect && head_least > base_share - effect;
    };
    const auto difference =
        proportion_difference(base_good, tallies.base_n, head_good, tallies.head_n, level_usual);
    return {.p_no_change = difference.p_smaller,
            .p_effect = smallest_rejecting(rejected),
            .effect_seen = difference.value <= -effect};
}

std::string_view name_of(GateState state) {
    switch (state) {
        case GateState::open:
            return "open";
        case GateState::not_worse:
            return "not worse";
        case GateState::worse:
            return "worse";
        case GateState::undecidable:
            return "undecidable";
    }
    return "";
}

SequentialDesign sequential_design(LookPlan looks, double alarm, double miss) {
    SequentialDesign design;
    design.alarm_levels = nominal_levels(alarm, looks.fraction);
    design.miss_levels = nominal_levels(miss, looks.fraction);
    design.looks = std::move(looks);
    return design;
}

void SequentialTest::look(const SequentialDesign& design,
                          std::size_t index,
                          const LookEvidence& evidence) {
    FL_CHECK_OP(<, index, design.alarm_levels.size());
    FL_CHECK_OP(>=, index, index_);
    if (state_ == GateState::worse || state_ == GateState::not_worse) return;
    index_ = index;
    evidence_ = evidence;
    if (evidence.p_no_change <= design.alarm_levels[index] && evidence.effect_seen) {
        state_ = GateState::worse;
    } else if (!alarm_only_ && evidence.p_effect <= design.miss_levels[index]) {
        state_ = GateState::not_worse;
    } else {
        const bool give_up = !alarm_only_ && hopeless(design);
        state_ = give_up ? GateState::undecidable : GateState::open;
    }
}

void SequentialTest::fact(std::size_t index) {
    if (state_ == GateState::worse) return;
    index_ = index;
    state_ = GateState::worse;
}

bool SequentialTest::hopeless(const SequentialDesign& design) const {
    const double fraction = design.looks.fraction[index_];
    if (fraction < hopeless_after || fraction >= 1) return false;
    return chance_of_rejection(evidence_.p_no_change, fraction, design.alarm_levels.back()) <
               hopeless_chance &&
           chance_of_rejection(evidence_.p_effect, fraction, design.miss_levels.back()) <
               hopeless_chance;
}

}  // namespace faultline
