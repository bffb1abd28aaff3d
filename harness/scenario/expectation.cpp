// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/expectation.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/scenario/names.hpp"

namespace faultline {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

const MeasureMetric* find_metric(std::string_view name) {
    for (const MeasureMetric& metric : measure_metrics()) {
        if (metric.name == name) return &metric;
    }
    return nullptr;
}

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const MeasureMetric& metric : measure_metrics())
        names.push_back(metric.name);
    return names;
}

struct Operator {
    std::string_view spelling;
    Comparison comparison;
};
// Longer spellings first, so that "<=" is not read as "<".
constexpr std::array operators{Operator{"<=", Comparison::less_equal},
                               Operator{">=", Comparison::greater_equal},
                               Operator{"==", Comparison::equal},
                               Operator{"!=", Comparison::not_equal},
                               Operator{"<", Comparison::less},
                               Operator{">", Comparison::greater}};

/// `metric.stat`, with the id of an injection before it or not.
Result<> parse_measure(std::string_view text, Expectation& expectation) {
    const auto first_dot = std::min(text.find('.'), text.size());
    std::string_view metric = text.substr(0, first_dot);
    std::string_view rest = text.substr(std::min(first_dot + 1, text.size()));
    if (find_metric(metric) == nullptr && !rest.empty()) {
        const auto second_dot = std::min(rest.find('.'), rest.size());
        const std::string_view second = rest.substr(0, second_dot);
        if (find_metric(second) != nullptr) {
            FL_TRY_VOID(check_name(metric, "injection"));
            expectation.injection = std::string(metric);
            metric = second;
            rest = rest.substr(std::min(second_dot + 1, rest.size()));
        }
    }
    const MeasureMetric* known = find_metric(metric);
    if (known == nullptr) {
        return fail(
            fmt::format(
                "unknown measure \"{}\"{}", metric.substr(0, 60), suggest(metric, metric_names())),
            ErrorCode::invalid);
    }
    expectation.metric = known->name;
    expectation.shape = known->shape;
    expectation.stat = std::string(rest);
    if (!expectation.injection.empty() && known->shape == MeasureShape::count) {
        return fail(fmt::format("{} speaks of a whole trial; leave \"{}.\" out",
                                known->name,
                                expectation.injection),
                    ErrorCode::invalid);
    }
    return {};
}

std::vector<std::string> stats_of(MeasureShape shape) {
    switch (shape) {
        case MeasureShape::span:
        case MeasureShape::share:
            return {"min", "p50", "p90", "p95", "p99", "p99.9", "max", "mean"};
        case MeasureShape::count:
            return {"total", "max", "mean"};
        case MeasureShape::proportion:
            return {};
    }
    return {};
}

/// "p99.9" → 0.999. Absent: it is no quantile between 0 and 100 %.
std::optional<double> quantile_of(std::string_view stat) {
    if (!stat.starts_with('p')) return std::nullopt;
    double percent = 0;
    const char* end = stat.data() + stat.size();
    const auto [read, error] =
        std::from_chars(stat.data() + 1, end, percent, std::chars_format::fixed);
    if (error != std::errc() || read != end || !(percent > 0) || !(percent < 100))
        return std::nullopt;
    return percent / 100;
}

Result<> parse_stat(Expectation& expectation) {
    const std::string& metric = expectation.metric;
    std::string& stat = expectation.stat;
    const auto stats = stats_of(expectation.shape);
    if (expectation.shape == MeasureShape::proportion) {
        if (stat.empty()) return {};
        return fail(
            fmt::format("{0} is a share of trials and has no statistic; write \"{0} >= 95%\"",
                        metric),
            ErrorCode::invalid);
    }
    if (stat.empty() && expectation.shape == MeasureShape::count) stat = "total";
    if (stat.empty()) {
        return fail(fmt::format("{} needs a statistic; write for example {}.{}",
                                metric,
                                metric,
                                expectation.shape == MeasureShape::span ? "p95" : "mean"),
                    ErrorCode::invalid);
    }
    for (const std::string& known : stats) {
        if (known == stat && !stat.starts_with('p')) return {};
    }
    const auto quantile = quantile_of(stat);
    if (quantile && expectation.shape != MeasureShape::count) {
        expectation.quantile = *quantile;
        return {};
    }
    return fail(
        fmt::format(
            "unknown statistic \"{}\" of {}{}", stat.substr(0, 60), metric, suggest(stat, stats)),
        ErrorCode::invalid);
}

Result<double> parse_count(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (error != std::errc() || read != end || !std::isfinite(value) || value < 0) {
        return fail(fmt::format("\"{}\" is not a count; write for example 0", text),
                    ErrorCode::invalid);
    }
    return value;
}

Result<double> parse_value(std::string_view text, MeasureShape shape) {
    switch (shape) {
        case MeasureShape::span: {
            FL_TRY(const Duration span, parse_duration(text));
            return static_cast<double>(span.count());
        }
        case MeasureShape::share:
        case MeasureShape::proportion:
            return parse_share(text);
        case MeasureShape::count:
            return parse_count(text);
    }
    return parse_count(text);
}

Result<> check_confidence(const Expectation& expectation) {
    if (!expectation.confidence) return {};
    if (!(*expectation.confidence > 0.5 && *expectation.confidence < 1.0)) {
        return fail(
            "a confidence lies between 50% and 100%, both excluded; write for example \"@ 95%\"",
            ErrorCode::invalid);
    }
    if (expectation.comparison == Comparison::equal ||
        expectation.comparison == Comparison::not_equal) {
        return fail("a confidence goes with <, <=, > or >=, not with an equality",
                    ErrorCode::invalid);
    }
    const bool of_these_trials = expectation.stat == "min" || expectation.stat == "max" ||
                                 expectation.shape == MeasureShape::count;
    if (of_these_trials) {
        return fail(
            fmt::format("{}.{} describes the trials that were made and has no confidence; use a "
                        "quantile, or leave \"@\" out",
                        expectation.metric,
                        expectation.stat),
            ErrorCode::invalid);
    }
    return {};
}

Result<> parse_parts(std::string_view text, Expectation& expectation) {
    const auto at = text.find_first_of("<>=!");
    if (at == std::string_view::npos) {
        return fail("there is no comparison; write for example \"recovery_time.p95 <= 3s @ 95%\"",
                    ErrorCode::invalid);
    }
    FL_TRY_VOID(parse_measure(trimmed(text.substr(0, at)), expectation));
    FL_TRY_VOID(parse_stat(expectation));
    const Operator* found = nullptr;
    for (const Operator& known : operators) {
        if (found == nullptr && text.substr(at).starts_with(known.spelling)) found = &known;
    }
    if (found == nullptr) {
        return fail(fmt::format("\"{}\" is no comparison; known: <, <=, >, >=, ==, !=", text[at]),
                    ErrorCode::invalid);
    }
    expectation.comparison = found->comparison;
    std::string_view value = text.substr(at + found->spelling.size());
    if (const auto sign = value.find('@'); sign != std::string_view::npos) {
        FL_TRY(expectation.confidence, parse_share(trimmed(value.substr(sign + 1))));
        value = value.substr(0, sign);
    }
    FL_TRY(expectation.value, parse_value(trimmed(value), expectation.shape));
    return check_confidence(expectation);
}

}  // namespace

const std::vector<MeasureMetric>& measure_metrics() {
    static const std::vector<MeasureMetric> metrics{
        {"detection_time", MeasureShape::span, "from the injection to the first detection signal"},
        {"recovery_time",
         MeasureShape::span,
         "from the injection until \"recovery\" holds again; 0 when masked"},
        {"downtime", MeasureShape::span, "total time inside bad intervals"},
        {"redundancy_time",
         MeasureShape::span,
         "from the injection until every instance is ready again"},
        {"success_rate",
         MeasureShape::share,
         "good operations / all operations over \"success_window\""},
        {"detected", MeasureShape::proportion, "trials with a detection signal in time"},
        {"diagnosed",
         MeasureShape::proportion,
         "trials whose target named the right cause (\"diagnosis\" of the fault)"},
        {"recovered", MeasureShape::proportion, "trials that recovered in time"},
        {"masked", MeasureShape::proportion, "trials in which no operation was bad"},
        {"lost_writes",
         MeasureShape::count,
         "writes that were acknowledged and are gone at the end"},
        {"unknown_writes", MeasureShape::count, "writes whose outcome nobody was told"},
        {"stale_reads",
         MeasureShape::count,
         "reads that a linearizable service cannot have answered so"},
        {"false_detections",
         MeasureShape::count,
         "signals without a fault, in steady state or control trials"},
    };
    return metrics;
}

Result<Expectation> parse_expectation(std::string_view text) {
    constexpr std::size_t length_max = 200;
    Expectation expectation{.text = std::string(text.substr(0, length_max))};
    if (text.size() > length_max) {
        return fail(fmt::format("an expectation has at most {} characters", length_max),
                    ErrorCode::invalid);
    }
    if (auto parsed = parse_parts(trimmed(text), expectation); !parsed) {
        return in_context(fmt::format("\"{}\"", text), parsed.error());
    }
    return expectation;
}

}  // namespace faultline
