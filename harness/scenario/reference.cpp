// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include "harness/scenario/expectation.hpp"
#include "harness/scenario/format.hpp"
#include "harness/scenario/schema.hpp"

namespace faultline {
namespace {

/// A cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '|') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string form_of(const Key& key) {
    switch (key.form) {
        case KeyForm::value:
            return describe_type(key.row);
        case KeyForm::kind:
            return "name of a " + key.row.name;
        case KeyForm::scalar:
            return "text";
        case KeyForm::seed:
            return "whole number";
        case KeyForm::names:
            return "list of names";
        case KeyForm::lines:
            return "list of texts";
        case KeyForm::section:
            return fmt::format("[{0}](#{0})", key.section->name);
        case KeyForm::sections:
            return fmt::format("list of [{0}](#{0})", key.section->name);
        case KeyForm::named_sections:
            return fmt::format("name → [{0}](#{0})", key.section->name);
        case KeyForm::roles:
            return fmt::format("target → role → [{0}](#{0})", key.section->name);
        case KeyForm::instances:
            return "number → part of the target";
        case KeyForm::environment:
            return "name → text or null";
        case KeyForm::files:
            return "name → text or lines";
        case KeyForm::matrix:
            return "name → value or list of values";
        case KeyForm::extends:
            return "path or list of paths";
        case KeyForm::link_end:
            return "target name or `load`";
        case KeyForm::victims:
            return "selector or link selector";
    }
    return "";
}

constexpr std::string_view table_head =
    "| key | type | default | range | |\n|---|---|---|---|---|\n";

std::string row_of(const Parameter& row, const std::string& type) {
    std::string fallback = row.required ? "required" : "";
    if (!row.default_value.empty()) fallback = "`" + row.default_value + "`";
    const std::string range =
        row.type == ParameterType::integer && row.name == "seed" ? "64 bits" : describe_range(row);
    return fmt::format("| `{}` | {} | {} | {} | {} |\n",
                       row.name,
                       type,
                       cell(fallback),
                       cell(range),
                       cell(row.help));
}

std::string section_text(const Section& section) {
    std::string text = fmt::format("### {}\n\n{}\n\n{}", section.name, section.about, table_head);
    for (const Key& key : section.keys)
        text += row_of(key.row, form_of(key));
    if (section.kinds != SectionKinds::none) {
        text += fmt::format("\nThe parameters of the {} stand beside these keys.\n",
                            section.kind_key()->row.name);
    }
    return text + "\n";
}

std::string kind_text(const Kind& kind) {
    std::string text = fmt::format("### {}\n\n{}\n\n", kind.name, kind.about);
    const auto line = [&](std::string_view label, const std::string& value) {
        if (!value.empty()) text += fmt::format("- {}: {}\n", label, value);
    };
    line("needs", kind.needs);
    line("undone by", kind.undo);
    line("proof", kind.proof);
    if (kind.on_links) text += "- on links: `\"on\": \"a->b.port\"`\n";
    if (kind.needs_packets) text += "- only with `\"isolation\": \"netns\"` or `\"auto\"`\n";
    if (kind.clears) text += "- takes `for`\n";
    if (kind.checks_writes)
        text += "- reads writes back: `lost_writes`, `unknown_writes`, `stale_reads`\n";
    std::string answers;
    for (const std::string& answer : kind.answers)
        answers += (answers.empty() ? "" : ", ") + answer;
    line("answers", answers);
    if (!text.ends_with("\n\n")) text += "\n";
    if (kind.parameters.empty()) return text;
    text += table_head;
    for (const Parameter& row : kind.parameters)
        text += row_of(row, describe_type(row));
    return text + "\n";
}

std::string kinds_text(std::string_view title, const std::vector<Kind>& kinds) {
    std::string text = fmt::format("## {}\n\n", title);
    for (const Kind& kind : kinds)
        text += kind_text(kind);
    return text;
}

std::string measures_text() {
    std::string text = "## Measures\n\n| measure | statistics | |\n|---|---|---|\n";
    for (const MeasureMetric& metric : measure_metrics()) {
        std::string_view stats;
        switch (metric.shape) {
            case MeasureShape::span:
            case MeasureShape::share:
                stats = "`min`, `p1` to `p99.9`, `max`, `mean`";
                break;
            case MeasureShape::proportion:
                stats = "none: it is a share of the trials";
                break;
            case MeasureShape::count:
                stats = "`total` (also without), `max`, `mean`";
                break;
        }
        text += fmt::format("| `{}` | {} | {} |\n", metric.name, stats, cell(metric.help));
    }
    return text + "\n";
}

std::string templates_text() {
    struct Row {
        std::string_view name, help;
    };
    constexpr std::array rows{
        Row{"${dir}", "the instance's own folder"},
        Row{"${bin}", "the folder of the `faultline` program"},
        Row{"${index}", "the instance's number, from 0"},
        Row{"${name}", "the instance's name, such as kv[0]"},
        Row{"${trial}", "the trial's number"},
        Row{"${port.NAME}", "one of the instance's own ports"},
        Row{"${TARGET[i].port.NAME}",
            "a port of another instance; also `.host`, `.dir`, `.name` and `.index`"},
        Row{"${to.TARGET[i].port.NAME}",
            "the port at which this instance reaches that one: its link's where there is one, else "
            "the port itself"},
        Row{"${to.port.NAME}",
            "the port at which all others reach this instance: the shared link's where there is "
            "one, "
            "else its own"},
        Row{"${host}", "the address of the instance: 127.0.0.1, or that in its network namespace"},
        Row{"${param.NAME}", "a value of \"parameters\"; as the whole text it keeps its type"},
        Row{"${env.NAME}", "an environment variable of the harness; it must be set"},
        Row{"$${", "a literal ${"}};
    std::string text = "## Templates\n\n| template | stands for |\n|---|---|\n";
    for (const Row& row : rows)
        text += fmt::format("| `{}` | {} |\n", row.name, row.help);
    return text + "\n";
}

}  // namespace

std::string scenario_reference(const Catalog& catalog) {
    std::string text = "## Keys\n\n";
    for (const Section* section : all_sections())
        text += section_text(*section);
    text += kinds_text("Faults", catalog.faults);
    text += kinds_text("Load drivers", catalog.drivers);
    text += kinds_text("Probes", catalog.probes);
    text += measures_text();
    text += templates_text();
    text.pop_back();  // one newline at the end
    return text;
}

}  // namespace faultline
