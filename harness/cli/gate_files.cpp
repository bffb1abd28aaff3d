// SPDX-License-Identifier: Apache-2.0
// The gate as other programs read it: JSON, JUnit, HTML.
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include "harness/cli/gate_report.hpp"
#include "reports/html/page.hpp"
#include "reports/plain.hpp"

namespace faultline::cli {
namespace {

using nlohmann::ordered_json;
using reports::html_text;

constexpr int indent = 2;

ordered_json json_of(const MeasureDecision& measure) {
    return {{"name", measure.name},
            {"state", name_of(measure.state)},
            {"alarm_only", measure.alarm_only},
            {"fact", measure.fact},
            {"look", measure.look},
            {"base_n", measure.base_n},
            {"head_n", measure.head_n},
            {"p_no_change", measure.p_no_change},
            {"alarm_level", measure.alarm_level},
            {"p_effect", measure.p_effect},
            {"miss_level", measure.miss_level},
            {"explanation", measure.explanation}};
}

ordered_json json_of(const ScenarioGate& gate) {
    ordered_json measures = ordered_json::array();
    for (const MeasureDecision& measure : gate.measures)
        measures.push_back(json_of(measure));
    return {{"scenario", gate.scenario},
            {"parameters", gate.parameters},
            {"verdict", name_of(gate.outcome)},
            {"reason", gate.reason},
            {"interleaved", gate.interleaved},
            {"base", gate.base_directory.string()},
            {"head", gate.head_directory.string()},
            {"trials", {{"base", gate.base_trials}, {"head", gate.head_trials}}},
            {"looks", gate.looks},
            {"looks_planned", gate.looks_planned},
            {"measures", std::move(measures)},
            {"comparison", ordered_json::parse(gate_comparison(gate, "json"), nullptr, false)}};
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
    node.append_attribute(name).set_value(reports::plain(value).c_str());
}

void explain(pugi::xml_node test, const char* kind, const std::string& message) {
    pugi::xml_node child = test.append_child(kind);
    set(child, "message", message);
    child.text().set(reports::plain(message).c_str());
}

struct Tally {
    int tests = 0, failures = 0, errors = 0, skipped = 0;
};

pugi::xml_node add_case(pugi::xml_node suite, const ScenarioGate& gate, const std::string& name) {
    pugi::xml_node test = suite.append_child("testcase");
    set(test, "classname", "faultline.gate." + gate.scenario);
    set(test, "name", name);
    return test;
}

void add_measure(pugi::xml_node suite,
                 const ScenarioGate& gate,
                 const MeasureDecision& measure,
                 Tally& tally) {
    pugi::xml_node test = add_case(suite, gate, measure.name);
    ++tally.tests;
    const bool open = measure.state == GateState::open || measure.state == GateState::undecidable;
    if (measure.state == GateState::worse) {
        ++tally.failures;
        explain(test, "failure", measure.explanation);
    } else if (open && !measure.alarm_only) {
        ++tally.skipped;
        explain(test, "skipped", measure.explanation);
    }
}

/// An end that no measure has told must not look green.
void add_ending(pugi::xml_node suite, const ScenarioGate& gate, Tally& tally) {
    switch (gate.outcome) {
        case RunOutcome::pass:
        case RunOutcome::fail:
        case RunOutcome::inconclusive:
            return;
        case RunOutcome::usage:
        case RunOutcome::unhealthy:
        case RunOutcome::ineffective:
        case RunOutcome::harness_error:
        case RunOutcome::interrupted:
            break;
    }
    ++tally.tests;
    ++tally.errors;
    explain(add_case(suite, gate, "trials"), "error", gate.reason);
}

void set_totals(pugi::xml_node node, const Tally& tally) {
    set(node, "tests", std::to_string(tally.tests));
    set(node, "failures", std::to_string(tally.failures));
    set(node, "errors", std::to_string(tally.errors));
    set(node, "skipped", std::to_string(tally.skipped));
}

std::string html_measures(const ScenarioGate& gate) {
    std::string text =
        "<table><thead><tr><th scope=\"col\">measure</th><th scope=\"col\">state</th>"
        "<th scope=\"col\">look</th><th scope=\"col\">values</th><th scope=\"col\">why</th></tr>"
        "</thead><tbody>\n";
    for (const MeasureDecision& measure : gate.measures) {
        const bool quiet = measure.alarm_only && measure.state == GateState::open;
        text += fmt::format(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{} + {}</td><td>{}</td></tr>\n",
            html_text(measure.name),
            quiet ? "no alarm" : html_text(name_of(measure.state)),
            measure.look,
            measure.base_n,
            measure.head_n,
            html_text(measure.explanation));
    }
    return text + "</tbody></table>\n";
}

}  // namespace

std::string gate_json(const GateReport& report) {
    ordered_json scenarios = ordered_json::array();
    for (const ScenarioGate& gate : report.scenarios)
        scenarios.push_back(json_of(gate));
    const ordered_json json{{"version", gate_record_version},
                            {"verdict", name_of(report.outcome)},
                            {"exit_code", exit_code_of(report.outcome)},
                            {"effect", report.effect},
                            {"alarm", report.alarm},
                            {"miss", report.miss},
                            {"trials_max", report.trials_max},
                            {"notes", report.notes},
                            {"scenarios", std::move(scenarios)}};
    return json.dump(indent, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string gate_junit(const GateReport& report) {
    pugi::xml_document document;
    pugi::xml_node suites = document.append_child("testsuites");
    Tally all;
    for (const ScenarioGate& gate : report.scenarios) {
        pugi::xml_node suite = suites.append_child("testsuite");
        set(suite, "name", gate.scenario);
        Tally tally;
        for (const MeasureDecision& measure : gate.measures)
            add_measure(suite, gate, measure, tally);
        add_ending(suite, gate, tally);
        set_totals(suite, tally);
        all.tests += tally.tests;
        all.failures += tally.failures;
        all.errors += tally.errors;
        all.skipped += tally.skipped;
    }
    set(suites, "name", "faultline gate");
    set_totals(suites, all);
    std::ostringstream text;
    document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
    return text.str();
}

std::string gate_html(const GateReport& report) {
    std::string content = fmt::format("<h1>Gate: {}</h1>\n", html_text(say_gate(report.outcome)));
    for (const ScenarioGate& gate : report.scenarios) {
        std::string name = gate.scenario;
        for (const auto& [parameter, value] : gate.parameters)
            name += fmt::format(" {}={}", parameter, value);
        content += fmt::format("<section><h2>{}: {}</h2>\n<p>{}</p>\n<p>{}</p>\n{}",
                               html_text(name),
                               html_text(say_gate(gate.outcome)),
                               html_text(gate.reason),
                               html_text(say_effort(gate)),
                               html_measures(gate));
        const std::string folder = gate.head_directory.parent_path().filename().string();
        content += fmt::format(
            "<p><a href=\"{}/{}\">The comparison of the trials gathered</a>. "
            "Results: <code>{}</code>, <code>{}</code></p></section>\n",
            html_text(folder),
            comparison_page,
            html_text(gate.base_directory.string()),
            html_text(gate.head_directory.string()));
    }
    for (const std::string& note : report.notes)
        content += fmt::format("<p>Note: {}</p>\n", html_text(note));
    content += fmt::format("<p>{}</p>\n", html_text(say_promise(report)));
    return reports::html_page({.title = "Gate: " + say_gate(report.outcome), .content = content});
}

}  // namespace faultline::cli
