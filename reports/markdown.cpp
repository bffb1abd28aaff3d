// SPDX-License-Identifier: Apache-2.0
// Markdown fit for a CI step summary: what a reviewer wants first comes first, long tables are
// folded.
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/markdown_charts.hpp"
#include "reports/markdown_sections.hpp"
#include "reports/markdown_text.hpp"
#include "reports/plain.hpp"
#include "reports/renderer.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

std::string head(const RunRecord& run) {
    std::string text =
        fmt::format("# {}: {}\n\n", markdown_text(run.scenario_name), say_verdict(run));
    if (!run.about.empty()) text += markdown_text(run.about) + "\n\n";
    text += say_extent(run);
    if (run.summary && !run.summary->reason.empty())
        text += ". Verdict: " + markdown_text(run.summary->reason);
    if (!run.summary) {
        text += fmt::format(". Unfinished: {} of {} trials are recorded",
                            run.trials.size(),
                            run.trials_asked + run.control_asked);
    }
    text += ".\n";
    for (const auto& [name, value] : run.parameters) {
        text += fmt::format("\n- {} = {}", markdown_text(name), markdown_text(value));
    }
    return run.parameters.empty() ? text : text + "\n";
}

using Rows = std::vector<std::vector<std::string>>;

void add_span_rows(Rows& rows, const std::string& label, const SpanSummary& span) {
    const std::string n = std::to_string(span.n);
    const std::string remark = span.censored > 0 ? fmt::format("{} censored", span.censored) : "";
    rows.push_back(
        {label + ", p50", say_span(span.p50), say_span_interval(span.p50_interval), n, remark});
    rows.push_back(
        {label + ", p95", say_span(span.p95), say_span_interval(span.p95_interval), n, remark});
}

void add_injection_rows(Rows& rows, const InjectionSummary& injection, const std::string& prefix) {
    struct Label {
        const char* measure;
        const char* text;
    };
    const auto spans = [&](std::initializer_list<Label> labels) {
        for (const Label& label : labels) {
            const auto found = injection.spans.find(label.measure);
            if (found == injection.spans.end() || found->second.n == 0) continue;
            add_span_rows(rows, prefix + label.text, found->second);
        }
    };
    spans({{"detection_time", "detection time"}, {"recovery_time", "recovery time"}});
    const ShareSummary& success = injection.success_rate;
    if (success.n > 0) {
        rows.push_back(
            {prefix + "success rate, mean",
             say_share(success.mean),
             say_share_interval(success.mean_interval),
             std::to_string(success.n),
             fmt::format("from {} to {}", say_share(success.min), say_share(success.max))});
    }
    spans({{"downtime", "downtime"}, {"redundancy_time", "redundancy time"}});
    for (const auto& [name, proportion] : injection.proportions) {
        if (proportion.n == 0) continue;
        rows.push_back({prefix + markdown_text(name),
                        fmt::format("{} of {}", proportion.k, proportion.n),
                        say_share_interval(proportion.interval),
                        std::to_string(proportion.n),
                        ""});
    }
}

void add_count_rows(Rows& rows, const Summary& summary) {
    for (const auto& [name, count] : summary.counts) {
        if (count.n == 0) continue;
        std::string label = name;
        std::replace(label.begin(), label.end(), '_', ' ');
        std::string remark =
            count.max > 0 ? fmt::format("up to {} in a trial", format_count(count.max)) : "";
        if (name == "false_detections" && count.total > 0) {
            remark += fmt::format(", {:.3g} an hour", summary.false_detections_per_hour);
        }
        rows.push_back({markdown_text(label) + ", total",
                        format_count(count.total),
                        "",
                        std::to_string(count.n),
                        remark});
    }
}

std::string measures(const Summary& summary) {
    Rows rows{{"measure", "value", "95 % interval", "n", ""}};
    for (const InjectionSummary& injection : summary.injections) {
        const std::string prefix =
            summary.injections.size() > 1 ? markdown_text(injection.id) + ": " : "";
        add_injection_rows(rows, injection, prefix);
    }
    add_count_rows(rows, summary);
    if (rows.size() == 1) return "Nothing was measured.\n";
    return markdown_table(rows);
}

std::string injected(const RunRecord& run) {
    Rows rows{{"injection", "fault", "on", "confirmed", "how", "evidence, of one trial"}};
    for (const InjectionEvidence& evidence : evidence_of(run)) {
        rows.push_back({markdown_text(evidence.id),
                        markdown_code(evidence.fault),
                        markdown_text(say_hit(evidence.on)),
                        fmt::format("{} of {}", evidence.confirmed, evidence.count),
                        markdown_text(evidence.mechanism),
                        markdown_text(evidence.example)});
    }
    if (rows.size() == 1) return "Nothing was injected.\n";
    return markdown_table(rows);
}

std::string expectations(const Summary& summary) {
    Rows rows{{"verdict", "expectation", "measured", "bound", ""}};
    for (const ExpectationResult& expectation : summary.expectations) {
        const bool passed = expectation.verdict == Verdict::pass;
        std::string verdict(name_of(expectation.verdict));
        rows.push_back({passed ? verdict : "**" + verdict + "**",
                        markdown_code(expectation.text),
                        say_value(expectation),
                        say_bound(expectation),
                        markdown_text(expectation.explanation)});
    }
    return markdown_table(rows);
}

std::string environment(const RunRecord& run) {
    Rows rows{{"what", "value"}, {"faultline", markdown_text(run.faultline_version)}};
    for (const auto& [name, value] : run.machine)
        rows.push_back({markdown_text(name), markdown_text(value)});
    rows.push_back({"started", markdown_text(run.started)});
    return "Instrument: " + markdown_text(say_instrument(run.instrument)) + ".\n\n" +
           markdown_table(rows);
}

std::string scenario_as_resolved(const RunRecord& run) {
    constexpr std::size_t shown_max = 64 << 10;  // a CI step summary holds 1 MiB
    if (run.scenario_json.empty() || run.scenario_json.size() > shown_max) return "";
    return "\n" +
           markdown_details("The scenario as resolved", markdown_block("json", run.scenario_json));
}

std::string repeat(const RunRecord& run, const RenderOptions& options) {
    std::string commands;
    if (!run.command.empty()) commands += plain(say_command(run.command)) + "\n";
    commands += next_command(run, options.directory) + "\n";
    return fmt::format("Seed {}; run {}.\n\n", run.seed, markdown_text(run.run)) +
           markdown_block("sh", commands) + scenario_as_resolved(run);
}

std::string render_markdown(const RunRecord& run, const RenderOptions& options) {
    std::string text = head(run);
    const auto section = [&](std::string_view title, const std::string& content) {
        if (!content.empty()) text += fmt::format("\n## {}\n\n{}", title, content);
    };
    if (run.summary) {
        section("Measures", measures(*run.summary));
        if (!run.summary->expectations.empty()) section("Expectations", expectations(*run.summary));
    }
    section("What was injected", injected(run));
    section("How it recovered", waterfall_section(run));
    section("Detection and recovery across trials", distributions_section(run));
    section("Success rate over time", success_section(run, options.directory));
    section("What happened in a typical trial", events_section(run, options.directory));
    section("Trials that were left out or cut short", exceptions_section(run));
    section("Diagnosis", diagnosis_section(run));
    section("Lost keys", lost_keys_section(run));
    section("Stale keys", stale_keys_section(run));
    section("Trials", trials_section(run));
    section("Environment", environment(run));
    section("Again", repeat(run, options));
    return text;
}

}  // namespace

Renderer markdown_renderer() {
    return {"markdown", "report.md", "Markdown, fit for a CI step summary", render_markdown};
}

}  // namespace faultline::reports
