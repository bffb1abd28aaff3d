// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "reports/comparison_text.hpp"
#include "reports/markdown_text.hpp"

namespace faultline::reports {
namespace {

std::string marked_change(const MeasureComparison& measure) {
    const std::string text = markdown_text(say_change(measure));
    const std::string note = markdown_text(say_note(measure));
    return (measure.change == Change::same ? text : "**" + text + "**") +
           (note.empty() ? "" : "; " + note);
}

std::string rows_of(const RunComparison& comparison) {
    std::vector<std::vector<std::string>> rows{
        {"measure", "base", "head", "shift", "interval", "trials", "verdict"}};
    for (const MeasureComparison& measure : comparison.measures) {
        rows.push_back({markdown_text(comparison_title(measure)),
                        markdown_text(say_base_value(measure)),
                        markdown_text(say_head_value(measure)),
                        markdown_text(say_shift(measure)),
                        markdown_text(say_shift_interval(measure)),
                        markdown_text(say_sizes(measure)),
                        marked_change(measure)});
    }
    return markdown_table(rows);
}

std::string render_markdown_comparison(const ComparisonReport& report, const RenderOptions&) {
    const RunComparison& comparison = report.comparison;
    std::string text = fmt::format("## {}: {}\n\n{}\n\n",
                                   say_loud(comparison.change),
                                   markdown_text(report.scenario),
                                   markdown_text(comparison.reason));
    const std::string warning = say_warning(report);
    if (!warning.empty()) text += "> **Warning:** " + markdown_text(warning) + "\n\n";
    if (!comparison.measures.empty()) text += rows_of(comparison) + "\n";
    text += fmt::format("- base {}\n- head {}\n",
                        markdown_text(say_run(report.base)),
                        markdown_text(say_run(report.head)));
    for (const Mismatch& mismatch : report.mismatches)
        text += "- differs: " + markdown_text(say_mismatch(mismatch)) + "\n";
    text += "- rules: " + markdown_text(say_rules(comparison)) + "\n";
    text += "- next: " + markdown_code(next_comparison_command(report)) + "\n";
    if (comparison.measures.empty()) return text;
    std::string sentences;
    for (const MeasureComparison& measure : comparison.measures) {
        sentences += fmt::format("- {}: {} (p {:.3g})\n",
                                 markdown_text(comparison_title(measure)),
                                 markdown_text(measure.explanation),
                                 measure.p);
    }
    return text + "\n" + markdown_details("In words", sentences);
}

}  // namespace

[[nodiscard]] ComparisonRenderer markdown_comparison_renderer();
ComparisonRenderer markdown_comparison_renderer() {
    return {"markdown", render_markdown_comparison};
}

}  // namespace faultline::reports
