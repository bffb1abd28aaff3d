// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include "harness/judge/explanation.hpp"

namespace faultline {
namespace {

Verdict passes_if(bool holds) {
    return holds ? Verdict::pass : Verdict::fail;
}

Verdict compare_point(double point, Comparison comparison, double value) {
    switch (comparison) {
        case Comparison::less:
            return passes_if(point < value);
        case Comparison::less_equal:
            return passes_if(point <= value);
        case Comparison::greater:
            return passes_if(point > value);
        case Comparison::greater_equal:
            return passes_if(point >= value);
        case Comparison::equal:
            return passes_if(point == value);
        case Comparison::not_equal:
            return passes_if(point != value);
    }
    return Verdict::inconclusive;
}

/// The point lies somewhere above `beyond`.
Verdict compare_censored(double beyond, Comparison comparison, double value) {
    if (value > beyond) return Verdict::inconclusive;
    switch (comparison) {
        case Comparison::less:
        case Comparison::less_equal:
        case Comparison::equal:
            return Verdict::fail;
        case Comparison::greater:
        case Comparison::greater_equal:
        case Comparison::not_equal:
            return Verdict::pass;
    }
    return Verdict::inconclusive;
}

Verdict decide(bool all_good, bool all_bad) {
    if (all_good) return Verdict::pass;
    return all_bad ? Verdict::fail : Verdict::inconclusive;
}

Verdict compare_bounds(const Interval& bounds, Comparison comparison, double value) {
    switch (comparison) {
        case Comparison::less:
            return decide(bounds.high < value, bounds.low >= value);
        case Comparison::less_equal:
            return decide(bounds.high <= value, bounds.low > value);
        case Comparison::greater:
            return decide(bounds.low > value, bounds.high <= value);
        case Comparison::greater_equal:
            return decide(bounds.low >= value, bounds.high < value);
        case Comparison::equal:
        case Comparison::not_equal:
            return Verdict::inconclusive;
    }
    return Verdict::inconclusive;
}

ExpectationResult unmeasured(ExpectationResult result, const Expectation& expectation) {
    result.explanation = fmt::format("{} was measured in no trial", name_of_measure(expectation));
    return result;
}

void judge_by_point(const Expectation& expectation,
                    const Evidence& evidence,
                    ExpectationResult& result) {
    const Comparison comparison = expectation.comparison;
    result.verdict = evidence.point
                         ? compare_point(*evidence.point, comparison, expectation.value)
                         : compare_censored(evidence.beyond, comparison, expectation.value);
    result.explanation = describe_point(expectation, evidence);
    if (result.verdict == Verdict::inconclusive) {
        result.explanation += fmt::format(
            "; no trial was watched long enough to compare it with {}: wait longer (\"within\")",
            show(expectation.shape, expectation.value));
    }
}

}  // namespace

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "pass";
        case Verdict::fail:
            return "fail";
        case Verdict::inconclusive:
            return "inconclusive";
    }
    return "";
}

ExpectationResult judge_expectation(const Expectation& expectation, const Columns& columns) {
    ExpectationResult result{.text = expectation.text};
    const std::optional<Evidence> evidence = gather_evidence(expectation, columns);
    if (!evidence) return unmeasured(std::move(result), expectation);
    result.value = evidence->point;
    if (evidence->n == 0) {
        result = unmeasured(std::move(result), expectation);
        if (expectation.confidence && evidence->support) {
            const std::size_t least =
                trials_for_proportion_at_least(evidence->support->share, *expectation.confidence);
            if (least != never_enough) result.trials_needed = least;
        }
        return result;
    }
    result.interval = evidence->bounds;
    if (!expectation.confidence || expectation.shape == MeasureShape::count) {
        judge_by_point(expectation, *evidence, result);
        if (expectation.confidence) {
            result.explanation += "; a count is compared as it is, whatever the confidence";
        }
        return result;
    }
    result.verdict = compare_bounds(evidence->bounds, expectation.comparison, expectation.value);
    if (result.verdict == Verdict::inconclusive) {
        explain_inconclusive(expectation, *evidence, result);
    } else {
        result.explanation = describe_bounds(expectation, *evidence);
    }
    return result;
}

}  // namespace faultline
