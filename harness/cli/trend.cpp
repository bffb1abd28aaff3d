// SPDX-License-Identifier: Apache-2.0
#include "harness/result/trend.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"
#include "harness/base/units.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/run_store.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/result/json_fields.hpp"
#include "reports/markdown_text.hpp"
#include "reports/plain.hpp"
#include "reports/table.hpp"
#include "reports/wording.hpp"

namespace faultline::cli {
namespace {

using reports::Align;
using reports::Colour;

constexpr std::size_t bar_columns = 20;

/// What is to be shown.
struct Trend {
    TrendMeasure measure;
    std::vector<TrendSection> sections{};
    std::vector<std::string> ids{};
};

Result<Trend> read_trend(const TrendCommand& command) {
    FL_TRY(Store store, open_store_to_read(command.store));
    FL_TRY(const auto scenarios, store.scenarios());
    if (std::find(scenarios.begin(), scenarios.end(), command.scenario) == scenarios.end()) {
        return fail(fmt::format("the store holds no run of \"{}\"{}",
                                command.scenario,
                                suggestion(command.scenario, scenarios)),
                    ErrorCode::not_found);
    }
    const auto measure = find_trend_measure(command.measure);
    FL_TRY(const auto measures, store.measures(command.scenario));
    if (!measure || std::find(measures.begin(), measures.end(), measure->name) == measures.end()) {
        return fail(fmt::format("no run of \"{}\" has the measure \"{}\"{}",
                                command.scenario,
                                command.measure,
                                suggestion(command.measure, measures)),
                    ErrorCode::not_found);
    }
    Trend trend{.measure = *measure};
    FL_TRY(const auto points,
           store.trend({.scenario = command.scenario,
                        .measure = measure->name,
                        .last = static_cast<std::size_t>(command.last)}));
    trend.sections = trend_sections(points, *measure);
    FL_TRY(trend.ids, store.ids());
    return trend;
}

std::string say(MeasureShape shape, double value) {
    switch (shape) {
        case MeasureShape::span:
            return reports::say_span(std::optional(value));
        case MeasureShape::share:
        case MeasureShape::proportion:
            return reports::say_share(value);
        case MeasureShape::count:
            return fmt::format("{:g}", value);
    }
    return "";
}

std::string say_value(const TrendMeasure& measure, const TrendPoint& point) {
    return point.value ? say(measure.shape, *point.value) : "censored";
}

std::string say_interval(MeasureShape shape, const Interval& interval) {
    if (!std::isfinite(interval.low) && !std::isfinite(interval.high)) return "";
    return shape == MeasureShape::span ? reports::say_span_interval(interval)
                                       : reports::say_share_interval(interval);
}

std::string say_change(const TrendMeasure& measure, const TrendRow& row) {
    if (!row.change) return "";
    switch (measure.shape) {
        case MeasureShape::span:
            return row.relative ? fmt::format("{:+.1f} %", 100 * *row.relative) : "";
        case MeasureShape::share:
        case MeasureShape::proportion:
            return fmt::format("{:+.2f} points", 100 * *row.change);
        case MeasureShape::count:
            return fmt::format("{:+g}", *row.change);
    }
    return "";
}

std::string say_notes(const TrendRow& row) {
    std::string notes(name_of(row.mark));
    if (row.other_machine)
        notes += (notes.empty() ? "" : ", ") + std::string("on another machine: ") +
                 reports::plain(row.point.run.host);
    return notes;
}

/// From zero, so that twice the length is twice the value.
std::string bar(const TrendPoint& point, double most) {
    if (!point.value || most <= 0) return "";
    const double share = std::clamp(*point.value / most, 0.0, 1.0);
    return std::string(static_cast<std::size_t>(std::lround(share * bar_columns)), '#');
}

double most_in(const TrendSection& section) {
    double most = 0;
    for (const TrendRow& row : section.rows)
        most = std::max(most, row.point.value.value_or(0));
    return most;
}

std::vector<std::string> head_of(const Trend& trend) {
    return {"run", "when (UTC)", "n", trend.measure.name, "95 % interval", "", "change", ""};
}

std::vector<std::string> texts_of(const Trend& trend, const TrendRow& row, double most) {
    const TrendPoint& point = row.point;
    std::string when = point.run.started.substr(0, 16);
    std::replace(when.begin(), when.end(), 'T', ' ');
    return {reports::plain(short_id(point.run.run, trend.ids)),
            reports::plain(when),
            std::to_string(point.n),
            say_value(trend.measure, point),
            say_interval(trend.measure.shape, point.interval),
            bar(point, most),
            say_change(trend.measure, row),
            say_notes(row)};
}

Colour colour_of(TrendMark mark) {
    switch (mark) {
        case TrendMark::none:
            return Colour::none;
        case TrendMark::better:
            return Colour::green;
        case TrendMark::worse:
            return Colour::red;
    }
    return Colour::none;
}

std::string title_of(const TrendCommand& command, const TrendSection& section) {
    return reports::plain(command.scenario +
                          (section.case_key.empty() ? "" : " " + section.case_key));
}

void print_section(const Trend& trend, const TrendSection& section) {
    reports::Table table({Align::left,
                          Align::left,
                          Align::right,
                          Align::right,
                          Align::left,
                          Align::left,
                          Align::right,
                          Align::left});
    std::vector<reports::Cell> cells;
    for (const std::string& name : head_of(trend))
        cells.push_back({name, Colour::faint});
    table.add(cells);
    for (const TrendRow& row : section.rows) {
        cells.clear();
        for (std::string& text : texts_of(trend, row, most_in(section)))
            cells.push_back({std::move(text)});
        cells.back().colour = colour_of(row.mark);
        table.add(cells);
    }
    constexpr std::size_t wide = 1000;  // see history.cpp
    fmt::print("{}\n",
               table.text({.indent = 0, .gap = 2, .width = wide, .colour = find_console().colour}));
}

constexpr const char* meaning =
    "better, worse: the 95 % intervals of the run and the one before it do not overlap (counts: "
    "they differ).\nA change without a mark may be chance; faultline compare tests two runs.\n";

void print_terminal(const TrendCommand& command, const Trend& trend) {
    for (const TrendSection& section : trend.sections) {
        fmt::print("{}: {}\n\n", title_of(command, section), trend.measure.name);
        print_section(trend, section);
    }
    fmt::print("{}", meaning);
    const auto& rows = trend.sections.back().rows;
    if (rows.size() < 2) return;
    fmt::print("\nnext: faultline compare {} {}\n",
               short_id(rows[rows.size() - 2].point.run.run, trend.ids),
               short_id(rows.back().point.run.run, trend.ids));
}

void print_markdown(const TrendCommand& command, const Trend& trend) {
    for (const TrendSection& section : trend.sections) {
        fmt::print("### {}: {}\n\n",
                   reports::markdown_text(title_of(command, section)),
                   reports::markdown_text(trend.measure.name));
        std::vector<std::vector<std::string>> rows{head_of(trend)};
        for (const TrendRow& row : section.rows) {
            auto texts = texts_of(trend, row, most_in(section));
            texts[5] = reports::markdown_code(texts[5]);
            for (const std::size_t column : {0UL, 1UL, 3UL, 4UL, 6UL, 7UL})
                texts[column] = reports::markdown_text(texts[column]);
            rows.push_back(std::move(texts));
        }
        fmt::print("{}\n", reports::markdown_table(rows));
    }
    fmt::print("{}", meaning);
}

const char* unit_of(MeasureShape shape) {
    switch (shape) {
        case MeasureShape::span:
            return "ns";
        case MeasureShape::share:
        case MeasureShape::proportion:
            return "share";
        case MeasureShape::count:
            return "count";
    }
    return "";
}

void row_fields(JsonFields& json, TrendRow& row) {
    json.field("run", row.point.run.run);
    json.field("case", row.point.run.case_key);
    json.field("started", row.point.run.started);
    json.field("host", row.point.run.host);
    json.field("verdict", row.point.run.outcome);
    json.field("n", row.point.n);
    json.field("value", row.point.value);
    json.field("interval", row.point.interval);
    json.field("change", row.change);
    json.field("relative_change", row.relative);
    std::string mark(name_of(row.mark));
    json.text_or_null("mark", mark);
    json.field("other_machine", row.other_machine);
}

void print_json(const TrendCommand& command, const Trend& trend) {
    constexpr int pretty_indent = 2;
    JsonFields json = JsonFields::to_write();
    json.version(record_version);
    std::string scenario = command.scenario;
    std::string measure = trend.measure.name;
    std::string unit = unit_of(trend.measure.shape);
    json.field("scenario", scenario);
    json.field("measure", measure);
    json.field("unit", unit);
    std::vector<TrendRow> rows;
    for (const TrendSection& section : trend.sections)
        rows.insert(rows.end(), section.rows.begin(), section.rows.end());
    json.list("points", rows, row_fields);
    fmt::print("{}\n", json.text(pretty_indent));
}

}  // namespace

int trend(const TrendCommand& command) {
    const auto found = read_trend(command);
    if (!found) return complain(found.error().message, exit_code_of(RunOutcome::usage));
    if (command.format == "json") {
        print_json(command, *found);
    } else if (command.format == "markdown") {
        print_markdown(command, *found);
    } else {
        print_terminal(command, *found);
    }
    return 0;
}

}  // namespace faultline::cli
