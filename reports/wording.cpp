// SPDX-License-Identifier: Apache-2.0
#include "reports/wording.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/plain.hpp"

namespace faultline::reports {
namespace {

template <class Say>
std::string say_ends(const Interval& interval, Say say) {
    const bool low = std::isfinite(interval.low), high = std::isfinite(interval.high);
    if (!low && !high) return "(open)";
    return (low ? "[" + say(interval.low) : "(open") + ", " +
           (high ? say(interval.high) + "]" : "open)");
}

std::string say_nanoseconds(double nanoseconds) {
    return format_duration(Duration(std::llround(nanoseconds)));
}

MeasureShape shape_of(const ExpectationResult& expectation) {
    const auto parsed = parse_expectation(expectation.text);
    return parsed ? parsed->shape : MeasureShape::count;  // a bare number never lies
}

std::string say_in(MeasureShape shape, double value) {
    switch (shape) {
        case MeasureShape::span:
            return say_nanoseconds(value);
        case MeasureShape::share:
        case MeasureShape::proportion:
            return format_share(value);
        case MeasureShape::count:
            return fmt::format("{:.6g}", value);
    }
    return "";
}

bool needs_quotes(const std::string& word) {
    constexpr std::string_view harmless =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
    return word.empty() || word.find_first_not_of(harmless) != std::string::npos;
}

}  // namespace

std::string say_span(const std::optional<double>& nanoseconds) {
    if (!nanoseconds) return "-";
    return std::isfinite(*nanoseconds) ? say_nanoseconds(*nanoseconds) : "not reached";
}
std::string say_span(const std::optional<Duration>& span) {
    return span ? format_duration(*span) : "-";
}
std::string say_share(const std::optional<double>& share) {
    return share ? format_share(*share) : "-";
}

std::string say_wait(Duration span) {
    const auto seconds = std::chrono::round<std::chrono::seconds>(span).count();
    if (seconds < 60) return format_duration(span);
    if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

std::string say_span_interval(const Interval& interval) {
    return say_ends(interval, say_nanoseconds);
}
std::string say_share_interval(const Interval& interval) {
    return say_ends(interval, format_share);
}

std::string say_value(const ExpectationResult& expectation) {
    if (!expectation.value) return "-";
    if (!std::isfinite(*expectation.value)) return "not reached";
    return say_in(shape_of(expectation), *expectation.value);
}

std::string say_bound(const ExpectationResult& expectation) {
    const Interval& interval = expectation.interval;
    if (!std::isfinite(interval.low) && !std::isfinite(interval.high)) return "";
    const MeasureShape shape = shape_of(expectation);
    return say_ends(interval, [shape](double value) { return say_in(shape, value); });
}

std::string say_verdict(const RunRecord& run) {
    if (!run.summary) return "UNFINISHED";
    std::string verdict(name_of(run.summary->outcome));
    std::transform(verdict.begin(), verdict.end(), verdict.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return verdict;
}

std::string say_extent(const RunRecord& run) {
    const auto fault = static_cast<std::size_t>(
        std::count_if(run.trials.begin(), run.trials.end(), [](const TrialRecord& trial) {
            return !trial.control;
        }));
    const std::size_t control = run.trials.size() - fault;
    std::string text = fmt::format("{} trial{}", fault, fault == 1 ? "" : "s");
    if (control > 0) text += fmt::format(" + {} control", control);
    if (!run.trials.empty()) text += ", " + say_wait(wall_time(run));
    return text;
}

std::string say_instrument(const InstrumentError& instrument) {
    if (instrument.measured_at.empty())
        return "not calibrated on this machine: run `faultline calibrate`";
    return fmt::format(
        "injection lateness p99 {}, detection error p99 {}, recovery error p99 {} (calibrated {})",
        say_span(instrument.injection_lateness_p99),
        say_span(instrument.detection_error_p99),
        say_span(instrument.recovery_error_p99),
        plain(instrument.measured_at.substr(0, instrument.measured_at.find('T'))));
}

std::string say_hit(const std::vector<std::string>& names) {
    constexpr std::size_t named_max = 3;
    if (names.size() <= named_max) return fmt::format("{}", fmt::join(names, ", "));
    return fmt::format("{} {}: {}, ...",
                       names.size(),
                       has_arrow(names.front()) ? "links" : "instances",
                       names.front());
}

std::string say_command(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        if (!text.empty()) text += ' ';
        if (!needs_quotes(word)) {
            text += word;
            continue;
        }
        text += '\'';
        for (const char letter : word) {
            if (letter == '\'') {
                text += "'\\''";
            } else {
                text += letter;
            }
        }
        text += '\'';
    }
    return text;
}

std::string say_invalid(const TrialRecord& trial) {
    std::string text;
    if (trial.outcome != TrialOutcome::pass) text = name_of(trial.outcome);
    for (const std::string& mark : trial.marks) {
        if (mark == mark_disturbed || mark == mark_lag) text += (text.empty() ? "" : ", ") + mark;
    }
    return trial.reason.empty() ? text : text + ": " + plain(trial.reason);
}

std::string say_reservation(const TrialRecord& trial) {
    std::string text;
    const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
    for (const InjectionRecord& record : trial.injections) {
        const InjectionMeasures& measures = record.measures;
        const std::string& id = record.injection.id;
        if (measures.censored) {
            add(fmt::format("{}: censored, not recovered after {}",
                            id,
                            format_duration(measures.observed_for)));
        }
        if (measures.relapsed) add(id + ": relapsed after its recovery");
        if (record.injection.effect == Effect::unconfirmed) add(id + ": effect not confirmed");
    }
    for (const std::string& leak : trial.leaks)
        add("left behind: " + leak);
    if (!trial.write_check_note.empty()) add("writes not checked: " + trial.write_check_note);
    return text;
}

}  // namespace faultline::reports
