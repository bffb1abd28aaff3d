// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/gate_report.hpp"

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "reports/comparison_renderer.hpp"
#include "reports/markdown_text.hpp"
#include "reports/table.hpp"

namespace faultline::cli {
namespace {

constexpr int width_of_files = 100;

using reports::Align;
using reports::Cell;
using reports::Colour;

Colour colour_of(RunOutcome outcome) {
    switch (outcome) {
        case RunOutcome::pass:
            return Colour::green;
        case RunOutcome::inconclusive:
        case RunOutcome::interrupted:
            return Colour::yellow;
        case RunOutcome::fail:
        case RunOutcome::usage:
        case RunOutcome::unhealthy:
        case RunOutcome::ineffective:
        case RunOutcome::harness_error:
            return Colour::red;
    }
    return Colour::none;
}

Colour colour_of(GateState state) {
    switch (state) {
        case GateState::not_worse:
            return Colour::green;
        case GateState::worse:
            return Colour::red;
        case GateState::open:
        case GateState::undecidable:
            return Colour::yellow;
    }
    return Colour::none;
}

std::string say_state(const MeasureDecision& measure) {
    if (measure.alarm_only && measure.state == GateState::open) return "no alarm";
    return std::string(name_of(measure.state));
}

std::string say_when(const MeasureDecision& measure) {
    if (measure.look == 0) return "-";
    return fmt::format("look {}, {} + {}", measure.look, measure.base_n, measure.head_n);
}

std::string say_case(const ScenarioGate& gate) {
    std::string name = gate.scenario;
    for (const auto& [parameter, value] : gate.parameters)
        name += fmt::format(" {}={}", parameter, value);
    return name;
}

std::string terminal_measures(const ScenarioGate& gate, bool colour, int width) {
    reports::Table table({Align::left, Align::left, Align::left, Align::left});
    for (const MeasureDecision& measure : gate.measures) {
        const bool quiet = measure.alarm_only && measure.state == GateState::open;
        table.add({{measure.name},
                   {say_state(measure), quiet ? Colour::faint : colour_of(measure.state)},
                   {say_when(measure)},
                   {measure.explanation}});
    }
    return table.text({.width = static_cast<std::size_t>(width), .colour = colour});
}

}  // namespace

std::string say_gate(RunOutcome outcome) {
    if (outcome == RunOutcome::pass) return "not worse";
    if (outcome == RunOutcome::fail) return "worse";
    return std::string(name_of(outcome));
}

std::string say_effort(const ScenarioGate& gate) {
    return fmt::format("{} + {} trials, look {} of {}",
                       gate.base_trials,
                       gate.head_trials,
                       gate.looks,
                       gate.looks_planned);
}

std::string say_promise(const GateReport& report) {
    return fmt::format(
        "A build that is no worse fails at most {:g} % of such gates; one that is worse by {:g} % "
        "passes in about {:g} %.",
        report.alarm * 100,
        report.effect * 100,
        report.miss * 100);
}

std::string gate_terminal(const GateReport& report, bool colour, int width) {
    std::string text;
    for (const ScenarioGate& gate : report.scenarios) {
        text += fmt::format(
            "{}  {}\n", reports::coloured(say_case(gate), Colour::bold, colour), say_effort(gate));
        text += terminal_measures(gate, colour, width);
        text += "\nthe trials gathered, as faultline compare sees them:\n\n";
        text += gate_comparison(gate, "terminal", {.colour = colour, .width = width}) + "\n";
    }
    for (const std::string& note : report.notes)
        text += fmt::format("note: {}\n", note);
    text += say_promise(report) + "\n";
    // One line a scenario that scripts can find (ci/gate does).
    for (const ScenarioGate& gate : report.scenarios) {
        text += fmt::format(
            "{} {}: {}\n",
            reports::coloured(
                "gate " + say_gate(gate.outcome) + ":", colour_of(gate.outcome), colour),
            say_case(gate),
            gate.reason);
    }
    return text;
}

std::string gate_markdown(const GateReport& report) {
    using reports::markdown_text;
    std::string text = fmt::format("## Gate: {}\n\n", markdown_text(say_gate(report.outcome)));
    for (const ScenarioGate& gate : report.scenarios) {
        text += fmt::format("### {}: {}\n\n{}\n\n",
                            markdown_text(say_case(gate)),
                            markdown_text(say_gate(gate.outcome)),
                            markdown_text(gate.reason));
        std::vector<std::vector<std::string>> rows{{"measure", "", "decided at", "why"}};
        for (const MeasureDecision& measure : gate.measures) {
            rows.push_back({markdown_text(measure.name),
                            markdown_text(say_state(measure)),
                            markdown_text(say_when(measure)),
                            markdown_text(measure.explanation)});
        }
        text += reports::markdown_table(rows) + "\n";
        text += fmt::format("{}.\n\n", markdown_text(say_effort(gate)));
        text += "The trials gathered, as `faultline compare` sees them:\n\n";
        text += gate_comparison(gate, "markdown") + "\n";
    }
    for (const std::string& note : report.notes)
        text += fmt::format("- note: {}\n", markdown_text(note));
    if (!report.notes.empty()) text += "\n";
    return text + markdown_text(say_promise(report)) + "\n";
}

std::string gate_comparison(const ScenarioGate& gate,
                            const std::string& format,
                            const reports::RenderOptions& options) {
    const reports::ComparisonRenderer* renderer = reports::find_comparison_renderer(format);
    if (renderer == nullptr || !gate.base || !gate.head) return {};
    const reports::ComparisonReport report{
        .scenario = gate.scenario,
        .scenario_file = gate.head->scenario_file,
        .base = reports::compared_run(*gate.base, gate.base_directory.string()),
        .head = reports::compared_run(*gate.head, gate.head_directory.string()),
        .comparison = gate.comparison};
    return renderer->render(report, options);
}

Result<> write_gate(const GateReport& report, const std::filesystem::path& folder) {
    FL_TRY_VOID(make_folder(folder));
    FL_TRY_VOID(write_file(folder / "gate.txt", gate_terminal(report, false, width_of_files)));
    FL_TRY_VOID(write_file(folder / "gate.json", gate_json(report)));
    FL_TRY_VOID(write_file(folder / "gate.md", gate_markdown(report)));
    FL_TRY_VOID(write_file(folder / "gate.html", gate_html(report)));
    for (const ScenarioGate& gate : report.scenarios) {
        const std::filesystem::path page = gate.head_directory.parent_path() / comparison_page;
        FL_TRY_VOID(write_file(page, gate_comparison(gate, "html")));
    }
    return write_file(folder / "junit.xml", gate_junit(report));
}

}  // namespace faultline::cli
