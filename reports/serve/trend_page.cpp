// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "reports/html/page.hpp"
#include "reports/serve/page_parts.hpp"
#include "reports/serve/pages.hpp"

namespace faultline::reports {
namespace {

using Runs = std::vector<const RunIndex::Run*>;

constexpr std::size_t charted_max = 200;  // runs; more are narrower than a line
constexpr double width = 720, height = 220, left = 80, right = 12, top = 28, bottom = 28;

struct Line {
    std::string_view measure;
    const char* style;
};

/// Two measures over the runs, oldest left, from zero.
class Chart {
  public:
    Chart(const char* title, std::array<Line, 2> lines, Runs runs)
        : title_(title), lines_(lines), runs_(std::move(runs)) {
        for (const Line& line : lines_) {
            for (const RunIndex::Run* run : runs_)
                most_ = std::max(most_, value(*run, line).value_or(0));
        }
    }

    [[nodiscard]] bool empty() const { return most_ <= 0; }

    [[nodiscard]] std::string svg() const {
        std::string text = fmt::format(
            "<svg class=\"trend-chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{} of the "
            "last {} "
            "runs; the table below has the figures\">",
            width,
            height,
            title_,
            runs_.size());
        text += fmt::format(
            "<line class=\"axis\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\"/>"
            "<line class=\"axis\" x1=\"{0}\" y1=\"{2}\" x2=\"{3}\" y2=\"{2}\"/>",
            left,
            top,
            height - bottom,
            width - right);
        text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                            left - 6,
                            top + 4,
                            html_text(say_measure(measure_of(lines_[0]), most_)));
        text += fmt::format(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">0</text>", left - 6, height - bottom + 4);
        text += fmt::format(
            "<text x=\"{}\" y=\"16\">{}: p50 solid, p95 dashed; oldest left</text>", left, title_);
        for (const Line& line : lines_)
            text += drawn(line);
        return text + "</svg>";
    }

  private:
    static std::size_t measure_of(const Line& line) {
        return find_listed_measure(line.measure).value_or(0);
    }
    static std::optional<double> value(const RunIndex::Run& run, const Line& line) {
        return run.entry.measures.at(measure_of(line));
    }

    [[nodiscard]] std::string drawn(const Line& line) const {
        std::string points, marks;
        const double step = (width - left - right) /
                            static_cast<double>(std::max<std::size_t>(runs_.size() - 1, 1));
        for (std::size_t i = 0; i < runs_.size(); ++i) {
            const RunIndex::Run& run = *runs_[i];
            const auto measured = value(run, line);
            if (!measured) continue;
            const double x = left + step * static_cast<double>(i);
            const double y = height - bottom - *measured / most_ * (height - top - bottom);
            points += fmt::format("{:.1f},{:.1f} ", x, y);
            marks += fmt::format(
                "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}, "
                "{}: {}</title></circle>",
                line.style,
                x,
                y,
                html_text(run.entry.started),
                line.measure,
                html_text(say_measure(measure_of(line), measured)));
        }
        return fmt::format("<polyline class=\"{}\" points=\"{}\"/>{}", line.style, points, marks);
    }

    const char* title_;
    std::array<Line, 2> lines_;
    Runs runs_;
    double most_ = 0;
};

std::string table(const Runs& newest_first) {
    std::string text =
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Measures of each run\">"
        "<table class=\"runs\"><caption>The same in figures, newest first; times are UTC</caption>"
        "<thead><tr><th scope=\"col\">Started</th><th scope=\"col\">Verdict</th>"
        "<th scope=\"col\">Parameters</th>";
    for (const ListedMeasure& measure : listed_measures)
        text += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", measure.title);
    text += "</tr></thead><tbody>\n";
    for (const RunIndex::Run* run : newest_first) {
        const RunEntry& entry = run->entry;
        text += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>",
                            run_link(entry, entry.started),
                            status_element(entry),
                            html_text(entry.parameters));
        for (std::size_t i = 0; i < listed_measures.size(); ++i)
            text += fmt::format("<td class=\"number\">{}</td>", say_measure(i, entry.measures[i]));
        text += "</tr>\n";
    }
    return text + "</tbody></table></div>";
}

}  // namespace

std::string trend_page(const std::string& scenario, const Runs& runs) {
    Runs newest = runs;
    if (newest.size() > charted_max) newest.resize(charted_max);
    const Runs oldest_first(newest.rbegin(), newest.rend());
    std::string content = fmt::format(
        "<p><a href=\"/\">All runs</a></p><h1>{}</h1><p>{} finished {}{}.</p>",
        html_text(scenario),
        runs.size(),
        runs.size() == 1 ? "run" : "runs",
        runs.size() > charted_max ? fmt::format(", the last {} shown", charted_max) : "");
    const std::array charts{
        Chart("Detection time",
              {Line{"detection_time.p50", "p50"}, Line{"detection_time.p95", "p95"}},
              oldest_first),
        Chart("Recovery time",
              {Line{"recovery_time.p50", "p50"}, Line{"recovery_time.p95", "p95"}},
              oldest_first),
    };
    for (const Chart& chart : charts) {
        if (!chart.empty()) content += chart.svg();
    }
    if (!newest.empty()) content += table(newest);
    return html_page({.title = scenario + " - Faultline",
                      .content = std::move(content),
                      .style = std::string(serve_style())});
}

}  // namespace faultline::reports
