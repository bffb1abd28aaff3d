// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown_charts.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/distribution.hpp"
#include "reports/findings.hpp"
#include "reports/markdown_text.hpp"
#include "reports/recovery_condition.hpp"
#include "reports/trial_reading.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t points_on_chart = 40;
constexpr std::size_t timelines_read_max = 100;  // a summary in a second, however long the run was
constexpr std::size_t events_shown_max = 60;

using Rows = std::vector<std::vector<std::string>>;

/// Lines over an axis of milliseconds; their points lie evenly from one end to the other.
struct XyChart {
    std::string title;
    std::string x_label;
    double from = 0, to = 1;  // milliseconds
    std::string y_label;
    std::vector<std::vector<double>> lines{};  // percent
};

std::string xychart(const XyChart& chart) {
    std::string text = fmt::format(
        "xychart-beta\n    title \"{}\"\n    x-axis \"{}, ms\" {:.6g} --> {:.6g}\n"
        "    y-axis \"{}, %\" 0 --> 100\n",
        chart.title,
        chart.x_label,
        chart.from,
        chart.to,
        chart.y_label);
    for (const std::vector<double>& line : chart.lines) {
        std::string values;
        for (const double value : line)
            values += (values.empty() ? "" : ", ") + fmt::format("{:.4g}", value);
        text += "    line [" + values + "]\n";
    }
    return markdown_block("mermaid", text);
}

std::string distribution_chart(const std::string& name, const Distribution& distribution) {
    constexpr double nanoseconds_in_millisecond = 1e6;
    const double last = distribution.steps.back().time;
    std::vector<double> low, share, high;
    Rows rows{{"time", "share of trials within it", "95 % band"}};
    for (std::size_t point = 0; point <= points_on_chart; ++point) {
        const double time = last * static_cast<double>(point) / points_on_chart;
        const Distribution::Step step = distribution.at(time);
        low.push_back(step.low * 100);
        share.push_back(step.share * 100);
        high.push_back(step.high * 100);
        if (point % 4 == 0) {
            rows.push_back({say_span(std::optional(time)),
                            format_share(step.share),
                            say_share_interval({step.low, step.high})});
        }
    }
    if (last <= 0) return fmt::format("{} took no time in any trial.\n\n", name);
    return xychart({.title = name,
                    .x_label = name,
                    .to = last / nanoseconds_in_millisecond,
                    .y_label = "trials within it",
                    .lines = {share, low, high}}) +
           "\n" +
           markdown_details(fmt::format("{} as a table, n = {}", name, distribution.n),
                            markdown_table(rows)) +
           "\n";
}

std::vector<TrialWanted> some_trials(const RunRecord& run) {
    constexpr DigestDetail least{.bins = 1, .bad_operations_max = 0, .events_max = 0};
    std::vector<TrialWanted> all;
    for (const TrialRecord& trial : run.trials) {
        if (!trial.control && !is_invalid(trial)) all.push_back({trial.trial, least});
    }
    if (all.size() <= timelines_read_max) return all;
    std::vector<TrialWanted> some;
    for (std::size_t index = 0; index < timelines_read_max; ++index)
        some.push_back(all[index * all.size() / timelines_read_max]);
    return some;
}

std::string said(const Event& event) {
    std::string text;
    for (const auto& [name, value] : event.fields)
        text += (text.empty() ? "" : ", ") + (name == "text" ? value : name + " " + value);
    return text;
}

}  // namespace

std::string distributions_section(const RunRecord& run) {
    std::string text;
    const auto evidence = evidence_of(run);
    for (const InjectionEvidence& injection : evidence) {
        const std::string suffix =
            evidence.size() > 1
                ? " after injection " + std::to_string(&injection - &evidence[0] + 1)
                : "";
        const auto detection = distribution_of(detection_times(run, injection.id));
        const auto recovery = distribution_of(recovery_times(run, injection.id));
        if (detection.n > 1) text += distribution_chart("Detection time" + suffix, detection);
        if (recovery.n > 1) text += distribution_chart("Recovery time" + suffix, recovery);
    }
    if (text.empty()) return "";
    return "The middle line is the share of counted trials within the time (Kaplan and Meier where "
           "some were censored), the outer ones a band that holds the whole curve with 95 % "
           "confidence (Dvoretzky, Kiefer and Wolfowitz; Massart 1990).\n\n" +
           text;
}

std::string success_section(const RunRecord& run, const std::filesystem::path& directory) {
    if (directory.empty()) return "";
    const AlignedGrid grid = grid_around_injection(run);
    const auto digests = read_trials(
        directory, some_trials(run), {.condition = recovery_condition(run), .grid = grid});
    const SuccessCurve curve = success_curve(run, digests, grid);
    if (curve.points.size() < 2) return "";
    XyChart chart{.title = "Success rate around the injection",
                  .x_label = "since the injection",
                  .from = milliseconds_of(curve.points.front().at),
                  .to = milliseconds_of(curve.points.back().at),
                  .y_label = "good operations",
                  .lines = {{}}};
    Rows rows{{"since the injection", "good", "operations", "of the trials, 10 % to 90 %"}};
    auto point = curve.points.begin();
    // A bin without operations says what the one before said, so that points lie evenly.
    for (Duration at = point->at; at <= curve.points.back().at; at += curve.width) {
        while (point + 1 != curve.points.end() && (point + 1)->at <= at)
            ++point;
        const double share = static_cast<double>(point->good) / static_cast<double>(point->all);
        chart.lines.front().push_back(share * 100);
        if (chart.lines.front().size() % 4 == 1) {
            rows.push_back({format_duration(at),
                            format_share(share),
                            format_count(point->all),
                            say_share_interval({point->low, point->high})});
        }
    }
    return fmt::format("{} trials, aligned at their first injection; bins of {}.\n\n",
                       curve.trials,
                       format_duration(curve.width)) +
           xychart(chart) + "\n" +
           markdown_details("Success rate as a table", markdown_table(rows));
}

std::string events_section(const RunRecord& run, const std::filesystem::path& directory) {
    const TrialRecord* trial = median_trial(run);
    if (trial == nullptr || directory.empty()) return "";
    constexpr DigestDetail detail{
        .bins = 1, .bad_operations_max = 0, .events_max = events_shown_max};
    const TrialDigest digest = read_trials(directory, {{trial->trial, detail}}, {}).front();
    if (digest.events.empty()) return "";
    Rows rows{{"since the injection", "from", "event", ""}};
    for (const Event& event : digest.events) {
        rows.push_back({format_duration(event.at - digest.zero),
                        markdown_text(describe_origin(event)),
                        event.signal >= 0 ? "**" + markdown_text(event.name) + "**"
                                          : markdown_text(event.name),
                        markdown_text(said(event))});
    }
    return markdown_details(fmt::format("Events of trial {}, {} of {}",
                                        trial->trial,
                                        digest.events.size(),
                                        digest.events_total),
                            markdown_table(rows));
}

std::string diagnosis_section(const RunRecord& run) {
    if (!run.summary) return "";
    std::set<std::string> causes;
    for (const InjectionSummary& injection : run.summary->injections)
        for (const auto& [fault, counts] : injection.diagnoses)
            for (const auto& [cause, count] : counts)
                causes.insert(cause);
    if (causes.empty()) return "";
    Rows rows{{"injection", "fault injected"}};
    for (const std::string& cause : causes)
        rows.front().push_back("named " + markdown_text(cause));
    for (const InjectionSummary& injection : run.summary->injections) {
        for (const auto& [fault, counts] : injection.diagnoses) {
            rows.push_back({markdown_text(injection.id), markdown_code(fault)});
            for (const std::string& cause : causes) {
                const auto found = counts.find(cause);
                rows.back().push_back(std::to_string(found == counts.end() ? 0 : found->second));
            }
        }
    }
    return markdown_table(rows);
}

}  // namespace faultline::reports
