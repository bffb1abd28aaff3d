// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/explain_trial.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/units.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/injection_schedule.hpp"
#include "harness/scenario/parameter_text.hpp"

namespace faultline::cli {
namespace {

std::string condition_text(const ConditionSpec& condition) {
    return fmt::format(
        "{} of operations good{} over {}",
        format_share(condition.success_rate),
        condition.latency ? " (answered within " + format_duration(*condition.latency) + ")" : "",
        format_duration(condition.window));
}

std::string trigger_text(const TriggerSpec& trigger) {
    std::string text;
    if (trigger.at) {
        text = format_duration(*trigger.at);
    } else {
        text = fmt::format(
            "{} after event \"{}\"", format_duration(trigger.after_delay), *trigger.after_event);
        if (trigger.after_from) text += " from " + trigger.after_from->text;
    }
    if (trigger.jitter > Duration{}) text += " + up to " + format_duration(trigger.jitter);
    return text;
}

/// What the fault was given, and the defaults it goes by.
std::string parameters_text(const Kind& kind, const Parameters& parameters) {
    std::vector<std::string> words;
    for (const Parameter& parameter : kind.parameters) {
        const auto found = parameters.all().find(parameter.name);
        if (found == parameters.all().end()) continue;
        words.push_back(parameter.name + " " + spell_value(parameter.type, found->second));
    }
    return fmt::format("{}", fmt::join(words, ", "));
}

/// Connections that carry one operation at a time run out when nothing answers: then operations
/// wait for each other, and what is measured is that wait.
void explain_connections(const LoadSpec& load) {
    const bool pipelined =
        load.driver == "redis" || load.parameters.find<std::int64_t>("pipeline").value_or(1) > 1;
    const double needed = std::ceil(load.rate * seconds_of(load.timeout));
    if (pipelined || load.connections >= needed) return;
    fmt::print(
        "                 note: when nothing answers, {:.0f} operations are under way at once; {} "
        "connections carry one each\n                 and the rest waits in line. \"connections\": "
        "{:.0f} would measure the service alone\n",
        needed,
        load.connections,
        needed);
}

}  // namespace

void explain_timeline(const Scenario& scenario) {
    fmt::print("\ntimeline of a fault trial\n");
    if (scenario.load) {
        fmt::print(
            "  load           {} on {}, {:g} operations/s ({}), {} connections, timeout {}\n",
            scenario.load->driver,
            scenario.load->to.text,
            scenario.load->rate,
            scenario.load->arrivals == Arrivals::poisson ? "Poisson" : "constant",
            scenario.load->connections,
            format_duration(scenario.load->timeout));
        explain_connections(*scenario.load);
    }
    fmt::print("  steady state   {}, reached within {}; times below count from then\n",
               condition_text(scenario.steady_state),
               format_duration(scenario.steady_state.within));
    for (const FaultSpec& fault : scenario.faults) {
        const Kind* kind = find_kind(full_catalog().faults, fault.kind);
        fmt::print("  {:<14} {} on {}{}  [{}]\n",
                   trigger_text(fault.trigger),
                   fault.kind,
                   fault.link ? fault.link->text : fault.on.text,
                   fault.lasts ? " for " + format_duration(*fault.lasts) : "",
                   fault.id);
        fmt::print("                 {}\n", kind->about);
        if (const std::string with = parameters_text(*kind, fault.parameters); !with.empty())
            fmt::print("                 with {}\n", with);
        fmt::print("                 proof: {}\n", kind->proof);
    }
    fmt::print("  then           faults cleared{}, final checks, everything stopped and audited\n",
               scenario.redundancy ? ", up to " + format_duration(scenario.redundancy->within) +
                                         " until every instance is ready again"
                                   : "");
}

void explain_measures(const Scenario& scenario) {
    fmt::print("\nwhat the measures mean here\n");
    for (const SignalSpec& signal : scenario.detection)
        fmt::print("  detection time  injection to the first {}, within {}\n",
                   signal.text,
                   format_duration(scenario.detection_within));
    if (scenario.detection.empty())
        fmt::print(
            "  detection time  not measured: the scenario names no signal under \"detection\"\n");
    if (scenario.load) {
        fmt::print(
            "  recovery time   injection to the end of the first good operation from which {}; "
            "after {} it is censored\n",
            condition_text(scenario.recovery),
            format_duration(scenario.recovery.within));
        fmt::print("                  resolution: one arrival interval, {}\n",
                   format_duration(duration_of_seconds(1.0 / scenario.load->rate)));
        fmt::print("  success rate    good operations of all, over {} from the injection\n",
                   format_duration(scenario.success_window));
    } else {
        fmt::print("  recovery time   not measured: the scenario has no load\n");
    }
    fmt::print("\nexpectations\n");
    for (const Expectation& expectation : scenario.expectations)
        fmt::print("  {}\n", expectation.text);
    if (scenario.expectations.empty())
        fmt::print("  none: the run passes when every trial could be measured\n");
    fmt::print(
        "\ntrials  {} with faults, {} control; at least {} each\n",
        scenario.trials.count,
        scenario.trials.control,
        format_duration(scenario.steady_state.window + InjectionSchedule::planned_length(scenario) +
                        scenario.success_window));
}

}  // namespace faultline::cli
