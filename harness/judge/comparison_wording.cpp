// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/judge/comparison_evidence.hpp"

namespace faultline {
namespace {

std::string say_percent(double share) {
    const double percent = share * 100;
    return std::abs(percent) >= 999.5 ? fmt::format("{:.0f} %", percent)
                                      : fmt::format("{:.3g} %", percent);
}
std::string say_points(double share) {
    return fmt::format("{:.3g} points", share * 100);
}
std::string say_nanoseconds(double value) {
    return format_duration(Duration(std::llround(value)));
}

using Say = std::string (*)(double);

/// "[2 %, 5 %]", an end that is not closed as "open".
std::string say_between(const Interval& interval, Say say) {
    const bool low = std::isfinite(interval.low), high = std::isfinite(interval.high);
    return (low ? "[" + say(interval.low) : "(open") + ", " +
           (high ? say(interval.high) + "]" : "open)");
}

/// "20 % longer [15 %, 26 %]": with the sign as a word.
std::string say_moved(double value, Interval interval, Say say, const char* up, const char* down) {
    if (value < 0) interval = {-interval.high, -interval.low};
    return fmt::format(
        "{} {} {}", say(std::abs(value)), value < 0 ? down : up, say_between(interval, say));
}

std::string trials_text(std::size_t count, std::size_t of) {
    return fmt::format("{} of {} trials", format_count(count), format_count(of));
}

/// "recovery takes"
std::string beginning(const ComparisonEvidence& evidence) {
    constexpr std::pair<const char*, const char*> beginnings[] = {
        {"detection_time", "detection takes"},
        {"recovery_time", "recovery takes"},
        {"redundancy_time", "redundancy takes"},
        {"downtime", "downtime is"},
        {"success_rate", "the success rate is"}};
    for (const auto& [subject, text] : beginnings) {
        if (evidence.subject == subject) return text;
    }
    return evidence.subject + " is";
}

/// How far it moved, as a part of a sentence.
std::string say_span_move(const ComparisonEvidence& evidence) {
    const MeasureComparison& row = evidence.row;
    if (row.shift && *row.shift == 0 && row.shift_interval.low == 0 && row.shift_interval.high == 0)
        return beginning(evidence) + " exactly as long";
    if (row.relative_shift) {
        return beginning(evidence) + " " +
               say_moved(
                   *row.relative_shift, row.relative_interval, say_percent, "longer", "shorter");
    }
    if (row.shift) {
        return beginning(evidence) + " " +
               say_moved(*row.shift, row.shift_interval, say_nanoseconds, "longer", "shorter");
    }
    return fmt::format("it did not come in {} of the head, and in {} of the base",
                       trials_text(row.head_censored, row.head_n),
                       trials_text(row.base_censored, row.base_n));
}

std::string say_share_move(const ComparisonEvidence& evidence) {
    const MeasureComparison& row = evidence.row;
    const double mean_shift = *row.head_value - *row.base_value;
    std::string text = beginning(evidence) + " " +
                       say_moved(*row.shift, row.shift_interval, say_points, "higher", "lower");
    // Where few trials move the mean and most stay, the middle tells half of it.
    const Interval& interval = row.shift_interval;
    if (mean_shift < interval.low || mean_shift > interval.high)
        text += fmt::format(", its mean {} {}",
                            say_points(std::abs(mean_shift)),
                            mean_shift < 0 ? "lower" : "higher");
    return text;
}

std::string say_proportion_move(const ComparisonEvidence& evidence) {
    const MeasureComparison& row = evidence.row;
    return fmt::format("{} in {}, in the base in {}: {}",
                       evidence.subject,
                       trials_text(evidence.head_k, row.head_n),
                       trials_text(evidence.base_k, row.base_n),
                       say_moved(*row.shift, row.shift_interval, say_points, "more", "less"));
}

std::string say_count(const ComparisonEvidence& evidence) {
    const MeasureComparison& row = evidence.row;
    const std::string what = evidence.subject == "lost_writes"      ? "writes were lost"
                             : evidence.subject == "unknown_writes" ? "writes ended unknown"
                             : evidence.subject == "stale_reads"    ? "reads were stale"
                                                                    : "detections were false";
    if (evidence.base_k == 0 && evidence.head_k == 0) return "no " + what + " in either run";
    const auto of = [&](std::size_t total, std::size_t trials, std::size_t n) {
        return total == 0 ? fmt::format("none in {} trials", format_count(n))
                          : fmt::format("{} in {}", format_count(total), trials_text(trials, n));
    };
    return fmt::format("{}: {}, in the base {}",
                       what,
                       of(evidence.head_k, evidence.head_trials_k, row.head_n),
                       of(evidence.base_k, evidence.base_trials_k, row.base_n));
}

std::string say_move(const ComparisonEvidence& evidence) {
    switch (evidence.row.unit) {
        case MeasureComparison::Unit::span:
            return say_span_move(evidence);
        case MeasureComparison::Unit::share:
            return say_share_move(evidence);
        case MeasureComparison::Unit::proportion:
            return say_proportion_move(evidence);
        case MeasureComparison::Unit::count:
            return say_count(evidence);
    }
    return "";
}

/// What keeps it open, and what would help.
std::string say_remedy(const ComparisonEvidence& evidence, const ComparisonOptions& options) {
    const MeasureComparison& row = evidence.row;
    if (row.trials_needed)
        return fmt::format("about {} trials a side would tell", format_count(*row.trials_needed));
    if (row.unit == MeasureComparison::Unit::count) return "more trials may tell";
    if (row.unit == MeasureComparison::Unit::span && !row.shift)
        return "wait longer for it (\"within\")";
    return fmt::format(
        "the change is about the {:.3g} % that counts, or the figures spread too much: "
        "ask for a larger --effect",
        options.effect * 100);
}

std::string say_undecided(const ComparisonEvidence& evidence, const ComparisonOptions& options) {
    const MeasureComparison& row = evidence.row;
    if (row.base_n == 0 || row.head_n == 0) {
        const char* lacking = row.base_n > 0   ? "the head"
                              : row.head_n > 0 ? "the base"
                                               : "both runs";
        std::string text = fmt::format("cannot tell: not measured in {}", lacking);
        if (evidence.head_k > 0 && row.unit == MeasureComparison::Unit::count)
            text += fmt::format("; the head has {}", format_count(evidence.head_k));
        return text;
    }
    return fmt::format("cannot tell: {}; {}", say_move(evidence), say_remedy(evidence, options));
}

}  // namespace

std::string explain_change(const ComparisonEvidence& evidence, const ComparisonOptions& options) {
    const std::string text = evidence.row.change == Change::inconclusive
                                 ? say_undecided(evidence, options)
                                 : say_move(evidence);
    return evidence.injection.empty() ? text : evidence.injection + ": " + text;
}

}  // namespace faultline
