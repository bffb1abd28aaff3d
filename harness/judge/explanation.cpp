// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/explanation.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace faultline {
namespace {

std::string trials_text(std::size_t count) {
    return count == 1 ? "1 trial" : format_count(count) + " trials";
}

/// For a mean: the distance from bound to point shrinks with the root of n.
std::optional<std::size_t> trials_for_mean(const Expectation& expectation,
                                           const Evidence& evidence) {
    constexpr double trials_max = 1e6;
    if (!evidence.point) return std::nullopt;
    if (evidence.n < 2) return 2;
    const double gap = *evidence.point - expectation.value;
    const double reach = *evidence.point - (gap > 0 ? evidence.bounds.low : evidence.bounds.high);
    if (gap == 0 || std::isinf(reach)) return std::nullopt;
    const double needed =
        std::ceil(static_cast<double>(evidence.n) * (reach / gap) * (reach / gap));
    if (needed > trials_max) return std::nullopt;
    return std::max(evidence.n + 1, static_cast<std::size_t>(needed));
}

void explain_support(const Expectation& expectation,
                     const Support& support,
                     ExpectationResult& result) {
    const std::size_t least =
        trials_for_proportion_at_least(support.share, *expectation.confidence);
    if (least == never_enough) {
        result.explanation =
            fmt::format("{}; no number of trials can show {}: ask for a little less than all",
                        trials_text(support.n),
                        expectation.text);
        return;
    }
    const auto decided =
        trials_to_decide(support.k, support.n, support.share, *expectation.confidence);
    const std::string so_far =
        fmt::format("{} of {} keep the bound", support.k, trials_text(support.n));
    if (support.n < least && support.k == support.n) {
        result.trials_needed = least;
        result.explanation =
            fmt::format("{}; {} needs at least {}", so_far, expectation.text, trials_text(least));
    } else if (decided) {
        result.trials_needed = decided;
        result.explanation = fmt::format("{}; if that goes on, {} is decided by about {}",
                                         so_far,
                                         expectation.text,
                                         trials_text(*decided));
    } else if (support.n < least) {
        result.trials_needed = least;
        result.explanation =
            fmt::format("{}; {} needs at least {}", so_far, expectation.text, trials_text(least));
    } else {
        result.explanation = fmt::format(
            "{}, which is the very share asked for: more trials alone may never decide {}",
            so_far,
            expectation.text);
    }
}

}  // namespace

std::string name_of_measure(const Expectation& expectation) {
    return expectation.stat.empty() ? expectation.metric
                                    : expectation.metric + "." + expectation.stat;
}

std::string show(MeasureShape shape, double value) {
    if (std::isinf(value)) return "unknown";
    switch (shape) {
        case MeasureShape::span:
            return format_duration(Duration(std::llround(value)));
        case MeasureShape::share:
        case MeasureShape::proportion:
            return format_share(value);
        case MeasureShape::count:
            return fmt::format("{:g}", value);
    }
    return "";
}

std::string describe_point(const Expectation& expectation, const Evidence& evidence) {
    std::string text = name_of_measure(expectation);
    if (evidence.point) {
        text += fmt::format(" is {}", show(expectation.shape, *evidence.point));
    } else {
        text += fmt::format(" is longer than {}", show(expectation.shape, evidence.beyond));
    }
    text += fmt::format(" over {}", trials_text(evidence.n));
    if (evidence.censored > 0) text += fmt::format(", {} of them censored", evidence.censored);
    return text;
}

std::string describe_bounds(const Expectation& expectation, const Evidence& evidence) {
    const double confidence = *expectation.confidence;
    const auto bound = [&](double value, std::string_view side) {
        return std::isinf(value) ? fmt::format("not bounded from {}", side)
                                 : fmt::format("at {} {}",
                                               side == "above" ? "most" : "least",
                                               show(expectation.shape, value));
    };
    return fmt::format("{}; at {:g} % confidence it is {} and {}",
                       describe_point(expectation, evidence),
                       confidence * 100,
                       bound(evidence.bounds.low, "below"),
                       bound(evidence.bounds.high, "above"));
}

void explain_inconclusive(const Expectation& expectation,
                          const Evidence& evidence,
                          ExpectationResult& result) {
    const Comparison comparison = expectation.comparison;
    if (comparison == Comparison::equal || comparison == Comparison::not_equal) {
        result.explanation = fmt::format(
            "no number of trials shows a measure to be equal or different at a confidence; ask for "
            "<= or >= in {}",
            expectation.text);
    } else if (evidence.support) {
        explain_support(expectation, *evidence.support, result);
    } else if (expectation.stat == "mean") {
        result.trials_needed = trials_for_mean(expectation, evidence);
        result.explanation = describe_bounds(expectation, evidence);
        if (result.trials_needed) {
            result.explanation += fmt::format("; {} would be decided by about {}",
                                              expectation.text,
                                              trials_text(*result.trials_needed));
        }
    } else {
        result.explanation = fmt::format(
            "{}; no number of trials bounds a {} that was never seen: ask for a quantile such as "
            "p99",
            describe_point(expectation, evidence),
            expectation.stat);
    }
}

}  // namespace faultline
