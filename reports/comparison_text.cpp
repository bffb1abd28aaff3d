// SPDX-License-Identifier: Apache-2.0
#include "reports/comparison_text.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/plain.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

using Unit = MeasureComparison::Unit;

std::string say_level(const MeasureComparison& measure,
                      const std::optional<double>& value,
                      std::size_t n) {
    if (n == 0) return "-";
    switch (measure.unit) {
        case Unit::span:
            return value ? say_span(value) : "not reached";
        case Unit::share:
        case Unit::proportion:
            return say_share(value);
        case Unit::count:
            return value ? format_count(static_cast<std::uint64_t>(
                               std::llround(*value * static_cast<double>(n))))
                         : "-";
    }
    return "";
}

/// One decimal where that tells something: "+20.1 %", "+0.34 %", "+140 %".
std::string signed_number(double value) {
    const double size = std::abs(value);
    const int decimals = size >= 99.95 ? 0 : size >= 0.95 ? 1 : 2;
    std::string text = fmt::format("{:+.{}f}", value, decimals);
    const bool zero = text.find_first_not_of("+-0.") == std::string::npos;
    return zero ? "0" : text;
}

std::string signed_span(double nanoseconds) {
    const Duration span(std::llround(nanoseconds));
    return (span > Duration::zero() ? "+" : "") + format_duration(span);
}

bool in_ratio(const MeasureComparison& measure) {
    return measure.unit == Unit::span && measure.relative_shift.has_value();
}

std::string in_unit(const MeasureComparison& measure, double value) {
    switch (measure.unit) {
        case Unit::span:
            return in_ratio(measure) ? signed_number(value * 100) + " %" : signed_span(value);
        case Unit::share:
        case Unit::proportion:
            return signed_number(value * 100) + " pp";
        case Unit::count:
            return signed_number(value);
    }
    return "";
}

}  // namespace

std::string say_loud(Change change) {
    std::string text(name_of(change));
    std::ranges::transform(text, text.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return text;
}

std::string comparison_title(const MeasureComparison& measure) {
    const std::size_t dot = measure.name.rfind('.');
    std::string name = dot == std::string::npos ? measure.name : measure.name.substr(dot + 1);
    std::ranges::replace(name, '_', ' ');
    return dot == std::string::npos ? name : plain(measure.name.substr(0, dot)) + ": " + name;
}

std::string say_base_value(const MeasureComparison& measure) {
    return say_level(measure, measure.base_value, measure.base_n);
}
std::string say_head_value(const MeasureComparison& measure) {
    return say_level(measure, measure.head_value, measure.head_n);
}

std::string say_shift(const MeasureComparison& measure) {
    const auto& shift = in_ratio(measure) ? measure.relative_shift : measure.shift;
    return shift ? in_unit(measure, *shift) : "-";
}

std::string say_shift_interval(const MeasureComparison& measure) {
    if (measure.unit == Unit::count || measure.base_n == 0 || measure.head_n == 0) return "";
    const Interval& interval =
        in_ratio(measure) ? measure.relative_interval : measure.shift_interval;
    // Where the shift has said the unit, the interval need not.
    const auto say = [&](double value) {
        return measure.unit == Unit::span && !in_ratio(measure) ? signed_span(value)
                                                                : signed_number(value * 100);
    };
    const bool low = std::isfinite(interval.low), high = std::isfinite(interval.high);
    if (!low && !high) return "(open)";
    return (low ? "[" + say(interval.low) : "(open") + ", " +
           (high ? say(interval.high) + "]" : "open)");
}

std::string say_sizes(const MeasureComparison& measure) {
    std::string text = fmt::format("{} / {}", measure.base_n, measure.head_n);
    if (measure.base_censored + measure.head_censored > 0)
        text += fmt::format(" ({} / {} censored)", measure.base_censored, measure.head_censored);
    return text;
}

std::string say_change(const MeasureComparison& measure) {
    const bool moved = measure.change == Change::better || measure.change == Change::worse;
    return moved ? say_loud(measure.change) : std::string(name_of(measure.change));
}

std::string say_note(const MeasureComparison& measure) {
    if (measure.trials_needed)
        return fmt::format("~{} a side would tell", format_count(*measure.trials_needed));
    // A few very bad trials move the mean, which is shown, and not the middle, whose shift is.
    if (measure.unit == Unit::share && measure.base_value && measure.head_value) {
        const double moved = *measure.head_value - *measure.base_value;
        if (moved < measure.shift_interval.low || moved > measure.shift_interval.high)
            return "mean " + in_unit(measure, moved);
    }
    return "";
}

std::string say_run(const ComparedRun& run) {
    std::string text = plain(run.given);
    std::string more =
        fmt::format("{} trial{}", format_count(run.trials), run.trials == 1 ? "" : "s");
    if (run.left_out > 0) more += fmt::format(" ({} more left out)", format_count(run.left_out));
    if (!run.started.empty()) more += ", " + plain(run.started);
    if (!run.version.empty()) more += ", faultline " + plain(run.version);
    return text + ": " + more;
}

std::string say_rules(const RunComparison& comparison) {
    const auto& options = comparison.options;
    std::string text = fmt::format(
        "a change of {0:.3g} % counts, of shares one of {0:.3g} percentage points (pp); intervals "
        "at "
        "{1:.3g} %, tests adjusted for their number",
        options.effect * 100,
        options.confidence * 100);
    if (options.detection_error > 0 || options.recovery_error > 0) {
        text += fmt::format(
            "; a shift below the instrument's error never counts: detection {}, recovery {}",
            say_span(options.detection_error),
            say_span(options.recovery_error));
    }
    return text;
}

std::string say_mismatch(const Mismatch& mismatch) {
    if (mismatch.base.empty() && mismatch.head.empty()) return plain(mismatch.what);
    return plain(fmt::format("{}: {} -> {}", mismatch.what, mismatch.base, mismatch.head));
}

std::string say_warning(const ComparisonReport& report) {
    const bool serious = std::ranges::any_of(report.mismatches, &Mismatch::serious);
    return serious ? "These runs are not alike and were compared all the same (--anyway): what "
                     "changed may be due to that, not to what was tested"
                   : "";
}

std::string next_comparison_command(const ComparisonReport& report) {
    const auto say = [](const std::vector<std::string>& words) {
        return plain(say_command(words));
    };
    std::size_t needed = 0;
    for (const MeasureComparison& measure : report.comparison.measures)
        needed = std::max(needed, measure.trials_needed.value_or(0));
    if (report.comparison.change == Change::inconclusive && needed > 0) {
        const std::string scenario =
            report.scenario_file.empty() ? "SCENARIO" : report.scenario_file;
        return say({"faultline", "run", scenario, "--trials", std::to_string(needed)});
    }
    if (report.comparison.change == Change::worse && !report.head.directory.empty())
        return say({"faultline", "report", report.head.directory.string()});
    return say(
        {"faultline", "compare", report.base.given, report.head.given, "--format", "markdown"});
}

}  // namespace faultline::reports
