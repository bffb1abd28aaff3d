// SPDX-License-Identifier: Apache-2.0
// A page without any script: the verdict, all shifts in one picture, and the table.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "reports/comparison_text.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/page.hpp"
#include "reports/plain.hpp"

namespace faultline::reports {
namespace {

constexpr std::string_view forest_style = R"(
.forest { width: 100%; max-width: 60rem; height: auto; color: inherit; }
.forest text { font: 12px system-ui, sans-serif; fill: currentColor; }
.forest .faint { opacity: .65; }
.forest line { stroke: currentColor; }
.forest .limit { stroke-dasharray: 3 3; opacity: .6; }
.forest .band { fill: currentColor; opacity: .07; }
.forest .worse { stroke: var(--bad); fill: var(--bad); }
.forest .better { stroke: var(--good); fill: var(--good); }
.forest .inconclusive { stroke: var(--unsure); fill: var(--unsure); }
.forest .same { stroke: currentColor; fill: currentColor; }
#measures th, #measures td:not(:last-child) { white-space: nowrap; }
#measures td:last-child { min-width: 16rem; }
)";

/// Every shift as a multiple of what counts, and worse to the right: so different units share one
/// axis. What lies beyond the ends of the axis is drawn at them.
class Forest {
  public:
    explicit Forest(const RunComparison& comparison) : effect_(comparison.options.effect) {
        for (const MeasureComparison& measure : comparison.measures) {
            const auto& shift = shown_shift(measure);
            if (shift && measure.unit != MeasureComparison::Unit::count) drawn_.push_back(&measure);
        }
    }

    [[nodiscard]] std::string html() const {
        if (drawn_.empty()) return "";
        const double height = row_height * static_cast<double>(drawn_.size()) + 44;
        std::string svg = fmt::format(
            "<svg class=\"forest\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"Shift of each "
            "measure with its interval, as a multiple of the smallest change that counts; worse is "
            "to the right. The table below has the figures.\">\n",
            width,
            height);
        const double bottom = height - 32;
        svg += fmt::format(
            "<rect class=\"band\" x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
            at(-1),
            at(1) - at(-1),
            bottom);
        for (const double limit : {-1.0, 1.0})
            svg += line(at(limit), 0, at(limit), bottom, "limit");
        svg += line(at(0), 0, at(0), bottom, "faint");
        double y = row_height / 2;
        for (const MeasureComparison* measure : drawn_) {
            svg += row(*measure, y);
            y += row_height;
        }
        svg += label(at(-axis_end), bottom + 14, "start", "better");
        svg += label(at(0), bottom + 14, "middle", "no change");
        svg +=
            label(at(1), bottom + 28, "middle", fmt::format("counts from {:.3g} %", effect_ * 100));
        svg += label(at(axis_end), bottom + 14, "end", "worse");
        return svg + "</svg>\n";
    }

  private:
    static constexpr double width = 760, names_width = 170, row_height = 24, axis_end = 4;

    static const std::optional<double>& shown_shift(const MeasureComparison& measure) {
        return measure.unit == MeasureComparison::Unit::span ? measure.relative_shift
                                                             : measure.shift;
    }
    static double at(double multiple) {
        const double part = (std::clamp(multiple, -axis_end, axis_end) + axis_end) / (2 * axis_end);
        return names_width + 10 + part * (width - names_width - 20);
    }
    static std::string line(double x1, double y1, double x2, double y2, std::string_view look) {
        return fmt::format(
            "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n",
            look,
            x1,
            y1,
            x2,
            y2);
    }
    static std::string label(double x, double y, std::string_view anchor, const std::string& text) {
        return fmt::format(
            "<text class=\"faint\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
            x,
            y,
            anchor,
            html_text(text));
    }
    [[nodiscard]] std::string row(const MeasureComparison& measure, double y) const {
        const bool span = measure.unit == MeasureComparison::Unit::span;
        const Interval interval = span ? measure.relative_interval : measure.shift_interval;
        const double sign = span ? 1 : -1;  // more success is better
        const double from = at(sign * (sign > 0 ? interval.low : interval.high) / effect_);
        const double to = at(sign * (sign > 0 ? interval.high : interval.low) / effect_);
        const std::string_view look = name_of(measure.change);
        return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                           names_width,
                           y + 4,
                           html_text(comparison_title(measure))) +
               line(from, y, to, y, look) + line(from, y - 4, from, y + 4, look) +
               line(to, y - 4, to, y + 4, look) +
               fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n",
                           look,
                           at(sign * *shown_shift(measure) / effect_),
                           y);
    }

    double effect_;
    std::vector<const MeasureComparison*> drawn_{};
};

std::string text_cell(const std::string& text) {
    return html_text(plain(text));
}

std::string measures_table(const RunComparison& comparison) {
    HtmlTable table{
        .caption = "Measures of both runs",
        .head = {
            "measure", "base", "head", "shift", "interval", "trials", "p", "verdict", "in words"}};
    for (const MeasureComparison& measure : comparison.measures) {
        table.rows.push_back({text_cell(comparison_title(measure)),
                              text_cell(say_base_value(measure)),
                              text_cell(say_head_value(measure)),
                              text_cell(say_shift(measure)),
                              text_cell(say_shift_interval(measure)),
                              text_cell(say_sizes(measure)),
                              fmt::format("{:.3g}", measure.p),
                              html_verdict(name_of(measure.change)),
                              text_cell(measure.explanation)});
    }
    return html_table(table);
}

std::string differences(const ComparisonReport& report) {
    const std::string warning = say_warning(report);
    std::string html =
        warning.empty() ? "" : "<p><strong>" + html_text(warning) + "</strong></p>\n";
    if (report.mismatches.empty()) return html + html_paragraph("None that is recorded.");
    html += "<ul>\n";
    for (const Mismatch& mismatch : report.mismatches)
        html += "<li>" + text_cell(say_mismatch(mismatch)) + "</li>\n";
    return html + "</ul>\n";
}

std::string render_html_comparison(const ComparisonReport& report, const RenderOptions&) {
    const RunComparison& comparison = report.comparison;
    Page page;
    page.title = fmt::format("{}: {}", name_of(comparison.change), plain(report.scenario));
    page.style = forest_style;
    page.content = fmt::format("<header>\n<h1>{} {}</h1>\n{}</header>\n",
                               html_verdict(name_of(comparison.change)),
                               html_text(plain(report.scenario)),
                               html_paragraph(comparison.reason));
    if (!comparison.measures.empty()) {
        page.content += html_section(
            "measures", "What changed", Forest(comparison).html() + measures_table(comparison));
    }
    page.content += html_section("runs",
                                 "The two runs",
                                 html_paragraph("Base: " + say_run(report.base)) +
                                     html_paragraph("Head: " + say_run(report.head)));
    page.content += html_section("differences", "In what they are not alike", differences(report));
    page.content += html_section("rules",
                                 "How it was judged",
                                 html_paragraph(say_rules(comparison)) + "<p>Next: " +
                                     html_code(next_comparison_command(report)) + "</p>\n");
    return html_page(page);
}

}  // namespace

[[nodiscard]] ComparisonRenderer html_comparison_renderer();
ComparisonRenderer html_comparison_renderer() {
    return {"html", render_html_comparison};
}

}  // namespace faultline::reports
