// SPDX-License-Identifier: Apache-2.0
// One row a measure, then one sentence and the next command.
#include <algorithm>

#include <fmt/format.h>

#include "reports/comparison_text.hpp"
#include "reports/plain.hpp"
#include "reports/table.hpp"

namespace faultline::reports {
namespace {

constexpr int narrowest = 60;

Colour colour_of_change(Change change) {
    switch (change) {
        case Change::better:
            return Colour::green;
        case Change::same:
            return Colour::none;
        case Change::worse:
            return Colour::red;
        case Change::inconclusive:
            return Colour::yellow;
    }
    return Colour::none;
}

std::string measure_rows(const RunComparison& comparison, TableLook look) {
    look.gap = 2;
    Table table({Align::left,
                 Align::right,
                 Align::right,
                 Align::right,
                 Align::left,
                 Align::left,
                 Align::left});
    const auto heading = [](const char* text) { return Cell{text, Colour::faint}; };
    table.add({heading(""),
               heading("base"),
               heading("head"),
               heading("shift"),
               heading("interval"),
               heading("verdict"),
               heading("trials")});
    for (const MeasureComparison& measure : comparison.measures) {
        const Colour colour = colour_of_change(measure.change);
        const std::string note = say_note(measure);
        table.add({{comparison_title(measure)},
                   {say_base_value(measure)},
                   {say_head_value(measure)},
                   {say_shift(measure), colour},
                   {say_shift_interval(measure)},
                   {say_change(measure), colour},
                   {say_sizes(measure) + (note.empty() ? "" : "; " + note), Colour::faint}});
    }
    return table.text(look);
}

std::string render_comparison(const ComparisonReport& report, const RenderOptions& options) {
    const auto width = static_cast<std::size_t>(std::max(options.width, narrowest));
    const TableLook look{.width = width, .colour = options.colour};
    const RunComparison& comparison = report.comparison;
    std::string text = fmt::format(
        "{}  {}\n",
        coloured(say_loud(comparison.change), colour_of_change(comparison.change), options.colour),
        coloured(plain(report.scenario), Colour::bold, options.colour));
    Table runs({Align::left, Align::left});
    runs.add({{"base"}, {say_run(report.base)}});
    runs.add({{"head"}, {say_run(report.head)}});
    text += runs.text(look) + "\n";
    if (!comparison.measures.empty()) text += measure_rows(comparison, look) + "\n";
    for (const std::string& line : wrapped(plain(comparison.reason), width - 2))
        text += "  " + line + "\n";
    Table more({Align::left, Align::left});
    const std::string warning = say_warning(report);
    if (!warning.empty()) more.add({{"warning"}, {warning, Colour::yellow}});
    for (const Mismatch& mismatch : report.mismatches) {
        more.add({{"differs"},
                  {say_mismatch(mismatch), mismatch.serious ? Colour::yellow : Colour::none}});
    }
    more.add({{"rules"}, {say_rules(comparison)}});
    more.add({{"next"}, {next_comparison_command(report)}});
    return text + more.text(look);
}

}  // namespace

[[nodiscard]] ComparisonRenderer terminal_comparison_renderer();
ComparisonRenderer terminal_comparison_renderer() {
    return {"terminal", render_comparison};
}

}  // namespace faultline::reports
