// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/evidence.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace faultline {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool asks_for_less(Comparison comparison) {
    return comparison == Comparison::less || comparison == Comparison::less_equal;
}

/// "p95 <= v" asks that 95 % of all trials are at or below v; "p95 >= v" that 5 % are at or above
/// it.
double share_asked(const Expectation& expectation) {
    return asks_for_less(expectation.comparison) ? expectation.quantile : 1 - expectation.quantile;
}

/// "min", or "p0" for those who spell it so.
bool is_extreme(const Expectation& expectation, std::string_view name, double q) {
    const bool quantile = expectation.stat.starts_with('p');
    return expectation.stat == name || (quantile && expectation.quantile == q);
}

std::uint64_t count_keeping(const Sample& sample, const Expectation& expectation) {
    const double value = expectation.value;
    const auto& late = sample.latest();
    const auto& early = sample.earliest();
    switch (expectation.comparison) {
        case Comparison::less:
            return static_cast<std::uint64_t>(std::ranges::lower_bound(late, value) - late.begin());
        case Comparison::less_equal:
            return static_cast<std::uint64_t>(std::ranges::upper_bound(late, value) - late.begin());
        case Comparison::greater:
            return static_cast<std::uint64_t>(early.end() - std::ranges::upper_bound(early, value));
        case Comparison::greater_equal:
            return static_cast<std::uint64_t>(early.end() - std::ranges::lower_bound(early, value));
        case Comparison::equal:
        case Comparison::not_equal:
            return 0;
    }
    return 0;
}

void add_quantile(const Sample& sample, const Expectation& expectation, Evidence& evidence) {
    const double q = expectation.quantile;
    evidence.point = sample.quantile(q);
    evidence.beyond = quantile(sample.earliest(), q);
    if (!expectation.confidence) {
        evidence.bounds = sample.quantile_interval(q, report_confidence);
        return;
    }
    evidence.bounds = {quantile_lower_bound(sample.earliest(), q, *expectation.confidence),
                       quantile_upper_bound(sample.latest(), q, *expectation.confidence)};
    evidence.support =
        Support{count_keeping(sample, expectation), sample.size(), share_asked(expectation)};
}

void add_mean(const Sample& sample, const Expectation& expectation, Evidence& evidence) {
    const auto& known = sample.earliest();
    evidence.point = sample.mean();
    evidence.beyond =
        std::accumulate(known.begin(), known.end(), 0.0) / static_cast<double>(known.size());
    // A two-sided interval at 2c − 1 has one-sided bounds at c.
    const double level =
        expectation.confidence ? 2 * *expectation.confidence - 1 : report_confidence;
    if (level <= 0) return;  // below one half a bound would lie beyond the point
    evidence.bounds = mean_interval(known, level, expectation.shape == MeasureShape::share);
    if (sample.censored() > 0) evidence.bounds.high = infinity;
}

Evidence evidence_of(const Sample& sample, const Expectation& expectation) {
    Evidence evidence;
    evidence.n = sample.size();
    evidence.censored = sample.censored();
    if (sample.empty()) {
        // How many trials it would take is known before the first.
        if (expectation.stat.starts_with('p')) {
            evidence.support = Support{0, 0, share_asked(expectation)};
        }
        return evidence;
    }
    if (expectation.stat == "mean") {
        add_mean(sample, expectation, evidence);
    } else if (expectation.stat == "total") {
        evidence.point = std::accumulate(sample.latest().begin(), sample.latest().end(), 0.0);
    } else if (is_extreme(expectation, "min", 0)) {
        evidence.point = sample.min();
        evidence.beyond = sample.earliest().front();
        evidence.bounds.high = sample.latest().front();  // of all trials there could ever be
    } else if (is_extreme(expectation, "max", 1)) {
        evidence.point = sample.max();
        evidence.beyond = sample.earliest().back();
        evidence.bounds.low = sample.earliest().back();
    } else {
        add_quantile(sample, expectation, evidence);
    }
    return evidence;
}

Evidence evidence_of(const Tally& tally, const Expectation& expectation) {
    Evidence evidence;
    evidence.n = static_cast<std::size_t>(tally.n);
    if (tally.n > 0) {
        evidence.point = static_cast<double>(tally.k) / static_cast<double>(tally.n);
    }
    if (!expectation.confidence) {
        evidence.bounds = proportion_interval(tally.k, tally.n, report_confidence);
        return evidence;
    }
    evidence.bounds = {proportion_lower_bound(tally.k, tally.n, *expectation.confidence),
                       proportion_upper_bound(tally.k, tally.n, *expectation.confidence)};
    evidence.support = asks_for_less(expectation.comparison)
                           ? Support{tally.n - tally.k, tally.n, 1 - expectation.value}
                           : Support{tally.k, tally.n, expectation.value};
    return evidence;
}

const InjectionColumns* find_injection(const Expectation& expectation, const Columns& columns) {
    for (const InjectionColumns& injection : columns.injections) {
        if (expectation.injection.empty() || injection.id == expectation.injection) {
            return &injection;
        }
    }
    return nullptr;
}

}  // namespace

std::optional<Evidence> gather_evidence(const Expectation& expectation, const Columns& columns) {
    if (expectation.shape == MeasureShape::count) {
        const auto found = columns.counts.find(expectation.metric);
        if (found == columns.counts.end()) return std::nullopt;
        return evidence_of(found->second, expectation);
    }
    const InjectionColumns* injection = find_injection(expectation, columns);
    if (injection == nullptr) return std::nullopt;
    if (expectation.shape == MeasureShape::share) {
        return evidence_of(injection->success_rate, expectation);
    }
    if (expectation.shape == MeasureShape::proportion) {
        const auto found = injection->proportions.find(expectation.metric);
        if (found == injection->proportions.end()) return std::nullopt;
        return evidence_of(found->second, expectation);
    }
    const auto found = injection->spans.find(expectation.metric);
    if (found == injection->spans.end()) return std::nullopt;
    return evidence_of(found->second, expectation);
}

}  // namespace faultline
