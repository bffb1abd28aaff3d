// SPDX-License-Identifier: Apache-2.0
// One file that shows a whole run in a browser, offline. What must be read is text and tables made
// here; what is drawn is data for the page's script.
//
//   RunRecord ─► first screen, sections ──────────────► html_page
//   timelines ─► digests, two threads ─► chart data ───┘
#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/html/assets.hpp"
#include "reports/html/chart_data.hpp"
#include "reports/html/first_screen.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/page.hpp"
#include "reports/html/sections.hpp"
#include "reports/plain.hpp"
#include "reports/renderer.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t page_bytes_max = 2 << 20;  // up to a thousand trials
constexpr std::size_t bytes_aside = 48 << 10;    // texts, captions, escapes

std::string recovery_section(const RunRecord& run) {
    const TrialRecord* trial = median_trial(run);
    if (trial == nullptr) return "";
    const InjectionRecord& record = trial->injections.front();
    return html_section(
        "recovery-stages",
        "How it recovered",
        html_chart({.id = "waterfall",
                    .title = "Stages of the recovery",
                    .about = fmt::format(
                        "Bars: trial {}, whose recovery time is the median, after {}. Lines: from "
                        "the 10 % to the 90 % quantile over all counted trials that told the "
                        "stage, with a tick at the median.",
                        trial->trial,
                        describe(record.injection))}));
}

std::string distribution_section(const RunRecord& run) {
    const bool any = !evidence_of(run).empty();
    if (!any) return "";
    const std::string about =
        "Above: one dot a trial; it shows its trial in the timeline. Below: the share of trials "
        "within the time, and its 95 % band.";
    const std::string method =
        "Curves are step functions of the counted trials, by Kaplan and Meier where some were "
        "censored (triangles). The band holds the whole curve with 95 % confidence, by the "
        "inequality of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (Annals of "
        "Probability 18, 1990); a censored time is taken as early for its upper edge and as late "
        "for its lower one as it can be.";
    return html_section(
        "distributions",
        "Detection and recovery across trials",
        html_paragraph(method) +
            html_chart({.id = "detection", .title = "Detection time", .about = about}) +
            html_chart({.id = "recovery", .title = "Recovery time", .about = about}));
}

std::string success_section(const ChartData& data) {
    if (data.success.points.empty()) return "";
    return html_section(
        "success-over-time",
        "Success rate over time",
        html_chart({.id = "success",
                    .title = "Share of good operations around the injection",
                    .about = fmt::format(
                        "{} counted trials, aligned at their first injection; bins of {} by "
                        "intended start. Line: all trials together. Band: from the 10 % to the "
                        "90 % quantile of single trials.",
                        data.success.trials,
                        format_duration(data.success.width))}));
}

std::string timeline_section(const ChartData& data) {
    if (data.timelines == 0) {
        return html_section("timeline",
                            "Timeline of a trial",
                            html_paragraph("There are no timelines beside the report: the folder "
                                           "trials/ holds them."));
    }
    std::string about =
        "Down-sampled: good operations as the least, median and largest latency of each stretch of "
        "time; bad ones and events one by one, up to 400 of each.";
    if (data.detailed < data.timelines) {
        about += fmt::format(
            " So are the {} trials most worth a look; the other {} are coarse: bad operations "
            "counted, median latency, and what the target said about the recovery.",
            data.detailed,
            data.timelines - data.detailed);
    }
    if (data.missing > 0)
        about += fmt::format(" {} trials have no readable timeline.", data.missing);
    if (data.left_out > 0)
        about += fmt::format(" {} trials were left out to keep this page small.", data.left_out);
    return html_section(
        "timeline",
        "Timeline of a trial",
        "<div id=\"trial-picker\"></div>\n" +
            html_chart(
                {.id = "trial", .title = "Operations, faults, events and roles", .about = about}));
}

std::string trials_section_of(const RunRecord& run) {
    if (run.trials.empty()) return "";
    return html_section(
        "trials",
        "Trials",
        html_details(fmt::format("All {} trials", run.trials.size()),
                     "<div id=\"trial-table\"><noscript><p>The table needs JavaScript; the same is "
                     "in trials.jsonl.</p></noscript></div>\n"));
}

std::string links() {
    return "<noscript><p>The charts and the table of trials need JavaScript; everything else is "
           "here without it.</p></noscript>\n"
           "<nav aria-label=\"On this page\"><ul id=\"links\"></ul></nav>\n";
}

std::string render_html(const RunRecord& run, const RenderOptions& options) {
    const std::string before =
        first_screen(run) + links() + recovery_section(run) + distribution_section(run);
    const std::string after = exceptions(run) + diagnosis_matrix(run) + lost_writes(run) +
                              stale_reads(run) + further_measures(run) + trials_section_of(run) +
                              environment_section(run) + repeat_section(run, options.directory);
    const std::size_t used = before.size() + after.size() + chart_library().size() +
                             report_script().size() + page_style().size() + bytes_aside;
    const ChartData data =
        chart_data(run, options, page_bytes_max > used ? page_bytes_max - used : 0);
    return html_page({.title = plain(run.scenario_name) + ": " + say_verdict(run),
                      .content = before + success_section(data) + timeline_section(data) + after,
                      .script = std::string(report_script()),
                      .data = data.json,
                      .charts = true});
}

}  // namespace

Renderer html_renderer() {
    return {"html", "report.html", "one page with charts, for people, offline", render_html};
}

}  // namespace faultline::reports
