// SPDX-License-Identifier: Apache-2.0
#include "reports/markdown_sections.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "reports/findings.hpp"
#include "reports/markdown_text.hpp"
#include "reports/plain.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t trials_unfolded_max = 12;
constexpr std::size_t trials_shown_max = 1000;  // a CI step summary holds 1 MiB
constexpr std::size_t keys_shown_max = 50;
constexpr std::size_t exceptions_shown_max = 50;

using Rows = std::vector<std::vector<std::string>>;

/// Mermaid takes some signs for its own in names of tasks.
std::string mermaid_name(std::string_view text) {
    std::string name;
    for (const char letter : plain(text)) {
        const bool harmless = (letter >= 'a' && letter <= 'z') ||
                              (letter >= 'A' && letter <= 'Z') ||
                              (letter >= '0' && letter <= '9') || letter == ' ' || letter == '.' ||
                              letter == '_' || letter == '-';
        name += harmless ? letter : ' ';
    }
    return name;
}

/// Each bar reaches from the stage before to this one, in milliseconds from the injection. Mermaid
/// draws whole milliseconds only, so a shorter stage is drawn as one; its name has the exact
/// figure.
std::string gantt(const std::string& title, const std::vector<NamedStage>& stages) {
    constexpr auto minute = std::chrono::minutes(1);
    std::string text = fmt::format(
        "gantt\n    title {}\n    dateFormat x\n    axisFormat {}\n    section since the "
        "injection\n",
        mermaid_name(title),
        stages.back().at >= minute ? "%M:%S" : "%S.%L s");
    std::int64_t before = 0;
    for (const NamedStage& stage : stages) {
        const std::int64_t at = std::max<std::int64_t>(0, std::llround(milliseconds_of(stage.at)));
        text += fmt::format("    {} {} :{}, {}\n",
                            mermaid_name(stage.name),
                            format_duration(stage.at),
                            before,
                            std::max(at, before + 1));
        before = at;
    }
    return text;
}

std::vector<std::string> trial_row(const TrialRecord& trial) {
    std::vector<std::string> row{
        std::to_string(trial.trial),
        trial.control ? "control" : "fault",
        trial.outcome == TrialOutcome::pass ? "pass" : std::string(name_of(trial.outcome))};
    if (trial.injections.empty()) {
        row.insert(row.end(), 5, "");
    } else {
        const InjectionRecord& first = trial.injections.front();
        const InjectionMeasures& measures = first.measures;
        row.push_back(markdown_text(say_hit(first.injection.on)));
        row.push_back(say_span(measures.detection_time));
        row.push_back(markdown_text(measures.detected_by));
        row.push_back(measures.masked     ? "masked"
                      : measures.censored ? "over " + format_duration(measures.observed_for)
                                          : say_span(measures.recovery_time));
        row.push_back(say_share(measures.success_rate));
    }
    row.push_back(trial.lost_writes ? format_count(*trial.lost_writes) : "-");
    row.push_back(trial.stale_reads ? format_count(*trial.stale_reads) : "-");
    row.push_back(markdown_text(fmt::format("{}", fmt::join(trial.marks, ", "))));
    return row;
}

std::string keys_section(const RunRecord& run,
                         std::string_view what,
                         std::vector<std::string> TrialRecord::*keys_of) {
    Rows rows{{"trial", "key"}};
    std::size_t more = 0;
    for (const TrialRecord& trial : run.trials) {
        for (const std::string& key : trial.*keys_of) {
            if (rows.size() > keys_shown_max) {
                ++more;
            } else {
                rows.push_back({std::to_string(trial.trial), markdown_code(key)});
            }
        }
    }
    if (rows.size() == 1) return "";
    return fmt::format("{}:\n\n", what) + markdown_table(rows) +
           (more > 0 ? fmt::format("\nAnd {} more, in trials.jsonl.\n", more) : "");
}

}  // namespace

std::string waterfall_section(const RunRecord& run) {
    const TrialRecord* trial = median_trial(run);
    if (trial == nullptr) return "";
    const InjectionRecord& record = trial->injections.front();
    const std::vector<NamedStage> stages = told_stages(record.measures.stages);
    if (stages.empty()) return "";
    Rows rows{{"stage", "since the injection", "since the stage before"}};
    Duration before{};
    for (const NamedStage& stage : stages) {
        rows.push_back({std::string(stage.name),
                        format_duration(stage.at),
                        format_duration(stage.at - before)});
        before = stage.at;
    }
    const std::string title = fmt::format("trial {}, {}", trial->trial, describe(record.injection));
    return fmt::format("Trial {}, whose recovery time is the median: {}.\n\n",
                       trial->trial,
                       markdown_text(describe(record.injection))) +
           markdown_block("mermaid", gantt(title, stages)) + "\n" + markdown_table(rows);
}

std::string exceptions_section(const RunRecord& run) {
    Rows rows{{"trial", "counted", "why"}};
    std::size_t more = 0;
    for (const TrialRecord& trial : run.trials) {
        const std::string why = is_invalid(trial) ? say_invalid(trial) : say_reservation(trial);
        if (why.empty()) continue;
        if (rows.size() > exceptions_shown_max) {
            ++more;
            continue;
        }
        rows.push_back(
            {std::to_string(trial.trial), is_invalid(trial) ? "no" : "yes", markdown_text(why)});
    }
    if (rows.size() == 1) return "";
    return markdown_table(rows) +
           (more > 0 ? fmt::format("\nAnd {} more, in trials.jsonl.\n", more) : "");
}

std::string lost_keys_section(const RunRecord& run) {
    return keys_section(run, "Acknowledged, then absent", &TrialRecord::lost_keys);
}

std::string stale_keys_section(const RunRecord& run) {
    return keys_section(
        run, "Read older than what was known before the read was sent", &TrialRecord::stale_keys);
}

std::string trials_section(const RunRecord& run) {
    if (run.trials.empty()) return "";
    Rows rows{{"trial",
               "kind",
               "outcome",
               "on",
               "detection",
               "by",
               "recovery",
               "success rate",
               "lost writes",
               "stale reads",
               "marks"}};
    const std::size_t shown = std::min(run.trials.size(), trials_shown_max);
    for (std::size_t index = 0; index < shown; ++index)
        rows.push_back(trial_row(run.trials[index]));
    std::string text = markdown_table(rows);
    if (shown < run.trials.size()) {
        text += fmt::format("\nAnd {} more, in trials.jsonl.\n", run.trials.size() - shown);
    }
    if (run.trials.size() <= trials_unfolded_max) return text;
    return markdown_details(fmt::format("{} trials", run.trials.size()), text);
}

}  // namespace faultline::reports
