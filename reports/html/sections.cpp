// SPDX-License-Identifier: Apache-2.0
#include "reports/html/sections.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/html/markup.hpp"
#include "reports/html/page.hpp"
#include "reports/plain.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t exceptions_max = 200;
constexpr std::size_t keys_max = 500;

std::string words_of(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string and_more(std::size_t more) {
    return more == 0 ? "" : html_paragraph(fmt::format("And {} more, in trials.jsonl.", more));
}

void add_rows(HtmlTable& table, const InjectionSummary& injection, const std::string& prefix) {
    for (const auto& [name, span] : injection.spans) {
        if (span.n == 0) continue;
        const std::string label = html_text(prefix + words_of(name));
        const auto add =
            [&](const char* which, const std::string& value, const Interval& interval) {
                table.rows.push_back(
                    {label + ", " + which,
                     html_text(value),
                     html_text(say_span_interval(interval)),
                     std::to_string(span.n),
                     span.censored > 0 ? fmt::format("{} censored", span.censored) : ""});
            };
        add("p50", say_span(span.p50), span.p50_interval);
        add("p90", say_span(span.p90), span.p90_interval);
        add("p95", say_span(span.p95), span.p95_interval);
        add("p99", say_span(span.p99), span.p99_interval);
        table.rows.push_back({label + ", range",
                              html_text("from " + say_span(span.min) +
                                        (span.max ? " to " + say_span(span.max) : "")),
                              "",
                              std::to_string(span.n),
                              ""});
    }
    for (const auto& [name, proportion] : injection.proportions) {
        if (proportion.n == 0) continue;
        table.rows.push_back({html_text(prefix + words_of(name)),
                              fmt::format("{} of {}", proportion.k, proportion.n),
                              html_text(say_share_interval(proportion.interval)),
                              std::to_string(proportion.n),
                              ""});
    }
}

void add_counts(HtmlTable& table, const Summary& summary) {
    for (const auto& [name, count] : summary.counts) {
        if (count.n == 0) continue;
        std::string remark =
            count.max > 0 ? fmt::format("up to {} in a trial", format_count(count.max)) : "";
        if (name == "false_detections" && count.total > 0)
            remark += fmt::format(", {:.3g} an hour", summary.false_detections_per_hour);
        table.rows.push_back({html_text(words_of(name)) + ", total",
                              format_count(count.total),
                              "",
                              std::to_string(count.n),
                              remark});
    }
}

/// Rows of faults, columns of causes; the deeper the shade, the larger the share of the row.
std::string matrix_of(const InjectionSummary& injection) {
    std::set<std::string> causes;
    for (const auto& [fault, counts] : injection.diagnoses)
        for (const auto& [cause, count] : counts)
            causes.insert(cause);
    HtmlTable table{.caption = "Diagnosis of " + injection.id, .head = {"fault injected"}};
    for (const std::string& cause : causes)
        table.head.push_back(html_text(plain(cause)));
    for (const auto& [fault, counts] : injection.diagnoses) {
        std::uint64_t all = 0;
        for (const auto& [cause, count] : counts)
            all += count;
        HtmlRow row{html_code(fault)};
        for (const std::string& cause : causes) {
            const auto found = counts.find(cause);
            const std::uint64_t count = found == counts.end() ? 0 : found->second;
            const double share =
                static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(1, all));
            row.push_back(
                fmt::format("<span class=\"cell\" style=\"--share:{:.3f}\">{}</span>",
                            share,
                            count == 0 ? "0" : fmt::format("{} ({})", count, format_share(share))));
        }
        table.rows.push_back(std::move(row));
    }
    return html_table(table);
}

std::string pretty_json(const std::string& text) {
    const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
    return json.is_discarded()
               ? text
               : json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

struct KeysSection {
    const char* id;
    const char* title;
    const char* meaning;
    std::vector<std::string> TrialRecord::*keys;
};

std::string keys_section(const RunRecord& run, const KeysSection& section) {
    HtmlTable table{.caption = section.title, .head = {"trial", "keys"}};
    std::size_t shown = 0, more = 0;
    for (const TrialRecord& trial : run.trials) {
        std::string keys;
        for (const std::string& key : trial.*section.keys) {
            if (shown == keys_max) {
                ++more;
            } else {
                keys += (keys.empty() ? "" : ", ") + html_code(key);
                ++shown;
            }
        }
        if (!keys.empty()) table.rows.push_back({std::to_string(trial.trial), keys});
    }
    if (table.rows.empty()) return "";
    return html_section(section.id,
                        section.title,
                        html_paragraph(section.meaning) + html_table(table) + and_more(more));
}

}  // namespace

std::string further_measures(const RunRecord& run) {
    if (!run.summary) return "";
    HtmlTable table{.caption = "All measures",
                    .head = {"measure", "value", "95 % interval", "n", "remark"}};
    for (const InjectionSummary& injection : run.summary->injections) {
        const bool several = run.summary->injections.size() > 1;
        add_rows(table, injection, several ? plain(injection.id) + ": " : "");
    }
    add_counts(table, *run.summary);
    if (table.rows.empty()) return "";
    return html_section("measures", "All measures", html_table(table));
}

std::string exceptions(const RunRecord& run) {
    HtmlTable table{.caption = "Trials that were left out or cut short",
                    .head = {"trial", "counted", "why"}};
    std::size_t more = 0;
    for (const TrialRecord& trial : run.trials) {
        const bool invalid = is_invalid(trial);
        const std::string why = invalid ? say_invalid(trial) : say_reservation(trial);
        if (why.empty()) continue;
        if (table.rows.size() == exceptions_max) {
            ++more;
            continue;
        }
        table.rows.push_back(
            {fmt::format("<a href=\"#timeline\" data-trial=\"{0}\">{0}</a>", trial.trial),
             invalid ? "no" : "yes",
             html_text(plain(why))});
    }
    return html_section("exceptions",
                        "Trials that were left out or cut short",
                        table.rows.empty()
                            ? html_paragraph("None: every trial counts as it was measured.")
                            : html_table(table) + and_more(more));
}

std::string diagnosis_matrix(const RunRecord& run) {
    if (!run.summary) return "";
    std::string html;
    for (const InjectionSummary& injection : run.summary->injections) {
        if (injection.diagnoses.empty()) continue;
        if (run.summary->injections.size() > 1)
            html += fmt::format("<h3>{}</h3>\n", html_code(injection.id));
        html += matrix_of(injection);
    }
    if (html.empty()) return "";
    return html_section("diagnosis",
                        "Diagnosis",
                        html_paragraph("The fault that was injected against the cause that the "
                                       "target named first, in counted trials.") +
                            html);
}

std::string lost_writes(const RunRecord& run) {
    return keys_section(run,
                        {.id = "lost",
                         .title = "Lost writes",
                         .meaning = "Acknowledged, then absent when they were asked for after "
                                    "the recovery:",
                         .keys = &TrialRecord::lost_keys});
}

std::string stale_reads(const RunRecord& run) {
    return keys_section(run,
                        {.id = "stale",
                         .title = "Stale reads",
                         .meaning = "A read of these keys returned less than what had certainly "
                                    "happened before it was sent:",
                         .keys = &TrialRecord::stale_keys});
}

std::string environment_section(const RunRecord& run) {
    HtmlTable table{.caption = "Environment", .head = {"what", "value"}};
    table.rows.push_back({"faultline", html_text(plain(run.faultline_version))});
    for (const auto& [name, value] : run.machine)
        table.rows.push_back({html_text(plain(name)), html_text(plain(value))});
    table.rows.push_back({"started", html_text(plain(run.started))});
    return html_section("environment", "Environment", html_table(table));
}

std::string repeat_section(const RunRecord& run, const std::filesystem::path& directory) {
    std::string commands;
    if (!run.command.empty()) commands += plain(say_command(run.command)) + "\n";
    commands += next_command(run, directory) + "\n";
    std::string html =
        html_paragraph(fmt::format("Seed {}; run {}.", run.seed, run.run)) + html_block(commands);
    if (!run.scenario_json.empty()) {
        html +=
            html_details("The scenario as resolved", html_block(pretty_json(run.scenario_json)));
    }
    return html_section("again", "Again", html);
}

}  // namespace faultline::reports
