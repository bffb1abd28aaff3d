// SPDX-License-Identifier: Apache-2.0
#include "reports/sweep.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "reports/html/page.hpp"
#include "reports/markdown_text.hpp"
#include "reports/sweep_lines.hpp"

namespace faultline::reports {
namespace {

constexpr double ms = 1e6;

constexpr const char* explanation =
    "Detection time and false detections pull in opposite directions: who accuses earlier accuses "
    "more often wrongly. False detections are signals while nothing was broken.";

/// Drawn anew when the window or the reader's colours change.
constexpr const char* script = R"script(
const sweep = JSON.parse(document.getElementById('data').textContent);
const place = document.getElementById('chart');
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const palette = ['#2f6fde', '#7a8fb8', '#d1603d', '#2a9d6f', '#7fb8a4', '#b8860b', '#8f5fd1', '#b9a3dc', '#c2417c'];
const series = [];
for (const line of sweep.lines) {
  const name = (measure) => (line.name ? line.name + ': ' : '') + measure;
  const points = (key) => line.points.map((point) => [point.at, point[key]]);
  series.push({ name: name('detection p50'), type: 'line', data: points('detection_p50_ms') });
  series.push({ name: name('detection p95'), type: 'line', data: points('detection_p95_ms'), lineStyle: { type: 'dashed' } });
  series.push({ name: name('false detections per hour'), type: 'scatter', yAxisIndex: 1,
                symbol: 'diamond', symbolSize: 12, data: points('false_detections_per_hour') });
}
series.forEach((each, index) => {
  const entry = document.createElement('li');
  const sample = document.createElement('span');
  sample.textContent = each.type === 'scatter' ? '\u25C6 ' : each.lineStyle ? '\u254C ' : '\u2501 ';
  sample.style.color = palette[index % palette.length];
  entry.append(sample, each.name);
  entry.style.cssText = 'display:inline-block;margin-right:1.5em';
  document.getElementById('legend').append(entry);
});
let chart = null;
function draw() {
  if (chart) chart.dispose();
  chart = echarts.init(place, dark.matches ? 'dark' : null, { renderer: 'svg' });
  chart.setOption({
    backgroundColor: 'transparent', animation: false, color: palette,
    tooltip: { trigger: 'axis' }, grid: { left: 70, right: 70, top: 40, bottom: 50 },
    xAxis: { type: 'category', name: sweep.abscissa, nameLocation: 'middle', nameGap: 30, data: sweep.values },
    yAxis: [{ type: 'value', name: 'detection, ms', min: 0 },
            { type: 'value', name: 'false detections / h', min: 0, splitLine: { show: false } }],
    series,
  });
}
draw();
dark.addEventListener('change', draw);
window.addEventListener('resize', () => chart.resize());
)script";

using Measure = std::function<std::optional<double>(const SweepPoint&)>;

struct NamedMeasure {
    std::string key, title, unit;
    Measure value;
};

const std::vector<NamedMeasure>& measures() {
    const auto quantile = [](const char* span, std::optional<double> SpanSummary::*member) {
        return [span, member](const SweepPoint& point) -> std::optional<double> {
            const auto value = span_of(point, span).*member;
            return value ? std::optional(*value / ms) : std::nullopt;
        };
    };
    static const std::vector<NamedMeasure> all{
        {"detection_p50_ms",
         "Detection time, median",
         "ms",
         quantile("detection_time", &SpanSummary::p50)},
        {"detection_p95_ms",
         "Detection time, p95",
         "ms",
         quantile("detection_time", &SpanSummary::p95)},
        {"false_detections_per_hour",
         "False detections",
         "per hour",
         [](const SweepPoint& point) -> std::optional<double> {
             return point.summary.false_detections_per_hour;
         }},
    };
    return all;
}

/// Every value of the abscissa once, in the order of the lines.
std::vector<std::string> values_of(const SweepLines& sweep) {
    std::vector<std::string> values;
    for (const SweepLine& line : sweep.lines) {
        for (const SweepPoint* point : line.points) {
            const std::string value = abscissa_of(*point, sweep.abscissa);
            if (std::ranges::count(values, value) == 0) values.push_back(value);
        }
    }
    return values;
}

nlohmann::ordered_json data_of(const SweepLines& sweep) {
    nlohmann::ordered_json lines = nlohmann::ordered_json::array();
    for (const SweepLine& line : sweep.lines) {
        nlohmann::ordered_json points = nlohmann::ordered_json::array();
        for (const SweepPoint* point : line.points) {
            nlohmann::ordered_json json{{"at", abscissa_of(*point, sweep.abscissa)}};
            for (const NamedMeasure& measure : measures()) {
                const auto value = measure.value(*point);
                json[measure.key] = value ? nlohmann::ordered_json(*value) : nullptr;
            }
            points.push_back(std::move(json));
        }
        lines.push_back({{"name", line.name}, {"points", std::move(points)}});
    }
    return {{"abscissa", sweep.abscissa}, {"values", values_of(sweep)}, {"lines", lines}};
}

std::string table_markup(const std::vector<std::vector<std::string>>& rows) {
    std::string text = "<table>\n";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const char* const cell = i == 0 ? "th" : "td";
        text += i == 0 ? "<thead><tr>" : "<tr>";
        for (const std::string& value : rows[i])
            text += fmt::format("<{0}>{1}</{0}>", cell, html_text(value));
        text += i == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n";
    }
    return text + "</tbody>\n</table>\n";
}

std::string title_of(const SweepLines& sweep, const std::vector<SweepPoint>& points) {
    return fmt::format("{}: {}", points.front().scenario, sweep.abscissa);
}

/// A chart of the points that have the measure; Mermaid knows no gaps.
std::string mermaid(const SweepLines& sweep, const SweepLine& line, const NamedMeasure& measure) {
    std::vector<std::string> places;
    std::vector<std::string> values;
    for (const SweepPoint* point : line.points) {
        const auto value = measure.value(*point);
        if (!value) continue;
        std::string place = abscissa_of(*point, sweep.abscissa);
        std::ranges::replace(place, '"', '\'');
        places.push_back('"' + place + '"');
        values.push_back(fmt::format("{:.4g}", *value));
    }
    if (values.empty()) return {};
    std::string name = line.name;
    std::ranges::replace(name, '"', '\'');
    return fmt::format(
        "```mermaid\nxychart-beta\n    title \"{}{}{}\"\n    x-axis \"{}\" [{}]\n    y-axis "
        "\"{}\"\n"
        "    line [{}]\n```\n\n",
        measure.title,
        name.empty() ? "" : ", ",
        name,
        sweep.abscissa,
        fmt::join(places, ", "),
        measure.unit,
        fmt::join(values, ", "));
}

}  // namespace

std::string sweep_html(const std::vector<SweepPoint>& points) {
    const SweepLines sweep = sweep_lines(points);
    const std::string title = title_of(sweep, points);
    Page page{.title = title,
              .content = fmt::format(
                  "<h1>{}</h1>\n<p>{}</p>\n<div id=\"chart\" role=\"img\" aria-label=\"{}\" "
                  "style=\"width:100%;height:26rem\"></div>\n"
                  "<ul id=\"legend\" style=\"list-style:none;padding:0\"></ul>\n"
                  "<div style=\"overflow-x:auto\">{}</div>",
                  html_text(title),
                  explanation,
                  html_text("Detection time and false detections against " + sweep.abscissa +
                            "; the table below has the figures"),
                  table_markup(sweep_table(sweep)))};
    page.script = script;
    page.data = data_of(sweep).dump();
    page.charts = true;
    return html_page(page);
}

std::string sweep_markdown(const std::vector<SweepPoint>& points) {
    const SweepLines sweep = sweep_lines(points);
    std::string text =
        fmt::format("# {}\n\n{}\n\n", markdown_text(title_of(sweep, points)), explanation);
    auto rows = sweep_table(sweep);
    for (auto& row : rows) {
        for (std::string& cell : row)
            cell = markdown_text(cell);
    }
    text += markdown_table(rows) + "\n";
    for (const SweepLine& line : sweep.lines) {
        for (const NamedMeasure& measure : measures())
            text += mermaid(sweep, line, measure);
    }
    return text;
}

}  // namespace faultline::reports
