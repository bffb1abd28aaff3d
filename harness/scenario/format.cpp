// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/format.hpp"

#include <algorithm>
#include <limits>

namespace faultline {
namespace {

using enum ParameterType;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nanosecond = 1;
constexpr double millisecond = 1e6;
constexpr double second = 1e9;
constexpr double day = 86400 * second;
constexpr double mebibyte = 1024.0 * 1024;

/// A probe's keys, wherever one is asked.
std::vector<Key> probe_keys(bool equals_required) {
    std::vector<Key> keys{
        {.row = {"probe", text, "the kind of probe, see `faultline list`", "", true},
         .form = KeyForm::kind},
        {.row = {"port", port, "which of the target's ports to ask; without it the first"}},
        {.row = {"period",
                 duration,
                 "time between two questions",
                 "50ms",
                 false,
                 millisecond,
                 3600 * second}},
        {.row = {"timeout",
                 duration,
                 "how long an answer may take",
                 "250ms",
                 false,
                 millisecond,
                 600 * second}}};
    keys.push_back({.row = {"equals",
                            text,
                            equals_required ? "the answer that means this role"
                                            : "the answer that counts; without it any answer does",
                            "",
                            equals_required},
                    .form = KeyForm::scalar});
    return keys;
}

}  // namespace

const Section& ready_section() {
    static const Section section = [] {
        Section made{"ready",
                     "How it is known that an instance serves.",
                     probe_keys(false),
                     SectionKinds::probes};
        made.keys.push_back({.row = {"within",
                                     duration,
                                     "how long it may take until then",
                                     "10s",
                                     false,
                                     millisecond,
                                     day}});
        return made;
    }();
    return section;
}

const Section& role_section() {
    static const Section section{"role",
                                 "How it is known which instances have a role.",
                                 probe_keys(true),
                                 SectionKinds::probes};
    return section;
}

const Section& stop_section() {
    static const Section section{
        "stop",
        "How an instance is ended at the end of a trial.",
        {{.row = {"signal", signal, "what asks it to end", "TERM"}},
         {.row = {"grace", duration, "how long it has until KILL", "2s", false, 0, 600 * second}}}};
    return section;
}

const Section& limits_section() {
    static const Section section{"limits",
                                 "What an instance may use.",
                                 {{.row = {"nofile", integer, "open files", "", false, 8, 1048576}},
                                  {.row = {"memory", bytes, "memory", "", false, mebibyte, 1e15}}}};
    return section;
}

const Section& target_section() {
    static const Section section{
        "target",
        "A program and how its instances are started.",
        {{.row = {"count", integer, "how many instances", "1", false, 1, 1000}},
         {.row = {"command", texts, "the program and its arguments", "", true}},
         {.row = {"args", texts, "further arguments, for what extends or overrides"}},
         {.row = {"env",
                  text,
                  "environment variables beside the harness' own; null takes one away"},
          .form = KeyForm::environment},
         {.row = {"directory", text, "working directory", "${dir}"}},
         {.row = {"files",
                  text,
                  "files written below ${dir} before the start: name and text, or lines"},
          .form = KeyForm::files},
         {.row = {"ports", text, "names of the TCP ports each instance gets"},
          .form = KeyForm::names},
         {.row = {"after", text, "targets that must be ready before"}, .form = KeyForm::names},
         {.row = {"ready", text, "how it is known that it serves; without it, that it runs"},
          .form = KeyForm::section,
          .section = &ready_section()},
         {.row = {"stop", text, "how it is ended"},
          .form = KeyForm::section,
          .section = &stop_section()},
         {.row = {"limits", text, "what it may use"},
          .form = KeyForm::section,
          .section = &limits_section()},
         {.row = {"instances",
                  text,
                  "what single instances have different (RFC 7396 over the target)"},
          .form = KeyForm::instances}}};
    return section;
}

const Section& reconnect_section() {
    static const Section section{
        "reconnect",
        "When a lost connection is tried again.",
        {{.row = {"first", duration, "before the first attempt", "500us", false, 0, 60 * second}},
         {.row = {"max",
                  duration,
                  "longest time between two attempts",
                  "20ms",
                  false,
                  0,
                  600 * second}}}};
    return section;
}

const Section& load_section() {
    static const Section section{
        "load",
        "The operations whose success and latency are measured. Open loop: the rate is kept "
        "whatever the replies.",
        {{.row = {"driver", text, "the protocol, see `faultline list`", "", true},
          .form = KeyForm::kind},
         {.row = {"to", selector, "which instances it talks to", "", true}},
         {.row = {"port", port, "which of the target's ports; without it the first"}},
         {.row = {"rate", rate, "operations started", "100/s", false, 0.001, 1e6}},
         {.row = {"arrivals",
                  choice,
                  "spacing of the starts",
                  "constant",
                  false,
                  -infinity,
                  infinity,
                  {"constant", "poisson"}}},
         {.row = {"connections", integer, "connections kept open", "10", false, 1, 10000}},
         {.row = {"in_flight",
                  integer,
                  "operations under way at once, beyond which they wait",
                  "10000",
                  false,
                  1,
                  1000000}},
         {.row = {"timeout",
                  duration,
                  "after which the outcome is unknown",
                  "100ms",
                  false,
                  0.1 * millisecond,
                  3600 * second}},
         {.row = {"reconnect", text, "when a lost connection is tried again"},
          .form = KeyForm::section,
          .section = &reconnect_section()},
         {.row = {"lag_max",
                  duration,
                  "p99 of the generator's own lag above which a trial is marked",
                  "10ms",
                  false,
                  nanosecond,
                  60 * second}}},
        SectionKinds::drivers};
    return section;
}

const Section& link_section() {
    static const Section section{
        "link",
        "A proxy between each instance that connects and each other one that listens on a port, "
        "for "
        "faults on links.",
        {{.row = {"from", text, "who connects: a target, or \"load\"", "", true},
          .form = KeyForm::link_end},
         {.row = {"to", target, "who listens", "", true}},
         {.row = {"port", port, "on which of its ports", "", true}},
         {.row = {
              "shared",
              boolean,
              "one address for everyone who connects, for systems that tell each other where to "
              "find a third; who connects is then found by its process",
              "false"}}}};
    return section;
}

const Section& condition_section() {
    static const Section section{
        "condition",
        "When operations count as healthy: the share of good ones over a window.",
        {{.row = {"success_rate", share, "share of good operations", "0.99", false, 0, 1}},
         {.row = {"latency",
                  duration,
                  "a slower operation is not good; without it any success is",
                  "",
                  false,
                  nanosecond,
                  3600 * second}},
         {.row = {"for",
                  duration,
                  "length of the window",
                  "500ms",
                  false,
                  millisecond,
                  3600 * second}},
         {.row = {"within", duration, "how long to wait for it", "30s", false, millisecond, day}}}};
    return section;
}

const Section& after_section() {
    static const Section section{
        "after",
        "Injects when an event has come.",
        {{.row = {"event", text, "name of the event", "", true}},
         {.row = {"where", fields, "fields the event must have"}},
         {.row = {"from", selector, "only events of these instances"}},
         {.row = {"delay", duration, "between the event and the injection", "0s", false, 0, day}},
         {.row = {
              "within", duration, "the event must come by then", "30s", false, millisecond, day}}}};
    return section;
}

const Section& fault_section() {
    static const Section section{
        "fault",
        "One injection. Either \"at\" or \"after\" says when.",
        {{.row = {"fault", text, "the kind of fault, see `faultline list`", "", true},
          .form = KeyForm::kind},
         {.row =
              {"on",
               selector,
               "which instances it hits, or links (`a->b.port`) if it is a fault on links; found "
               "at that moment",
               "",
               true},
          .form = KeyForm::victims},
         {.row = {"id", text, "its name for later ones (`$id`) and expectations"}},
         {.row = {"at", duration, "time from steady state", "", false, 0, day}},
         {.row = {"after", text, "the event that starts it"},
          .form = KeyForm::section,
          .section = &after_section()},
         {.row = {"for",
                  duration,
                  "then it is cleared; without it, at the end of the trial",
                  "",
                  false,
                  millisecond,
                  day}},
         {.row = {"jitter", duration, "a seeded delay from 0 up to this", "0s", false, 0, day}},
         {.row = {"diagnosis",
                  text,
                  "the cause that a right diagnosis names; without it the kind (process.crash) or "
                  "its part after the dot (crash)"}}},
        SectionKinds::faults};
    return section;
}

const Section& signal_section() {
    static const Section section = [] {
        Section made{
            "signal",
            "What counts as a detection: one of \"log\", \"event\", \"probe\" or \"exit\".",
            {{.row = {"log", pattern, "a line of output that matches (RE2, anywhere in the line)"}},
             {.row = {"event", text, "an event of this name from the event socket"}},
             {.row = {"exit", selector, "the end of a process"}},
             {.row = {"in", selector, "whose line, event or answer; without it anyone's"}},
             {.row = {"where", fields, "fields the event must have"}}},
            SectionKinds::probes};
        for (Key& key : probe_keys(false)) {
            key.row.required = false;
            if (key.row.name == "equals")
                key.row.help = "the answer that is the signal; without it any change";
            if (key.row.name == "probe")
                key.row.help = "a probe whose answer is the signal, see `faultline list`";
            made.keys.push_back(std::move(key));
        }
        return made;
    }();
    return section;
}

const Section& redundancy_section() {
    static const Section section{
        "redundancy",
        "Waits until every instance is ready again, and measures how long that took.",
        {{.row = {"within", duration, "how long to wait for it", "10s", false, millisecond, day}}}};
    return section;
}

const Section& trials_section() {
    static const Section section{
        "trials",
        "How often.",
        {{.row = {"count", integer, "trials with faults", "10", false, 1, 1e6}},
         {.row = {"control",
                  integer,
                  "trials without, to see what happens by itself",
                  "0",
                  false,
                  0,
                  1e6}},
         {.row = {"seed",
                  integer,
                  "of everything drawn at random; without it a fresh one, which is printed",
                  "",
                  false,
                  0,
                  18446744073709551615.0},
          .form = KeyForm::seed}}};
    return section;
}

const Section& scenario_section() {
    static const Section section{
        "scenario",
        "The file.",
        {{.row = {"$schema", text, "the JSON Schema, for editors"}, .form = KeyForm::scalar},
         {.row = {"name", text, "names the results: letters, digits, '.', '_' and '-'", "", true}},
         {.row = {"about", text, "what is broken and what should still hold"},
          .form = KeyForm::scalar},
         {.row = {"extends",
                  text,
                  "scenario files this one is merged over (RFC 7396), relative to it"},
          .form = KeyForm::extends},
         {.row = {"parameters", text, "values for ${param.NAME}; arrays span a matrix of cases"},
          .form = KeyForm::matrix},
         {.row =
              {"secret",
               text,
               "environment variables and arguments (\"API_TOKEN\", \"--password\") whose values "
               "no output shows"},
          .form = KeyForm::lines},
         {.row = {"targets", text, "what is started", "", true},
          .form = KeyForm::named_sections,
          .section = &target_section()},
         {.row = {"roles", text, "target, role, and the probe that tells who has it"},
          .form = KeyForm::roles,
          .section = &role_section()},
         {.row = {"load", text, "the operations that are measured"},
          .form = KeyForm::section,
          .section = &load_section()},
         {.row = {"links", text, "connections that faults on links can break"},
          .form = KeyForm::sections,
          .section = &link_section()},
         {.row = {"isolation",
                  choice,
                  "what carries the network between instances: the machine's own, a network "
                  "namespace each, or that where the machine permits it",
                  "process",
                  false,
                  -infinity,
                  infinity,
                  {"process", "netns", "auto"}}},
         {.row = {"steady_state", text, "what must hold before anything is injected"},
          .form = KeyForm::section,
          .section = &condition_section()},
         {.row = {"faults", text, "what is broken, and when"},
          .form = KeyForm::sections,
          .section = &fault_section()},
         {.row = {"detection", text, "what counts as a detection"},
          .form = KeyForm::sections,
          .section = &signal_section()},
         {.row = {"detection_within",
                  duration,
                  "later signals do not count; without it \"within\" of \"recovery\"",
                  "",
                  false,
                  millisecond,
                  day}},
         {.row = {"recovery", text, "what must hold again afterwards"},
          .form = KeyForm::section,
          .section = &condition_section()},
         {.row = {"success_window",
                  duration,
                  "success_rate is taken over this time from the injection",
                  "5s",
                  false,
                  millisecond,
                  day}},
         {.row = {"redundancy", text, "wait until every instance is ready again"},
          .form = KeyForm::section,
          .section = &redundancy_section()},
         {.row = {"expect",
                  text,
                  "expectations: measure.statistic, comparison, value, @ confidence"},
          .form = KeyForm::lines},
         {.row = {"trials", text, "how often"},
          .form = KeyForm::section,
          .section = &trials_section()}}};
    return section;
}

std::vector<const Section*> all_sections() {
    return {&scenario_section(),
            &target_section(),
            &ready_section(),
            &stop_section(),
            &limits_section(),
            &role_section(),
            &load_section(),
            &reconnect_section(),
            &link_section(),
            &condition_section(),
            &fault_section(),
            &after_section(),
            &signal_section(),
            &redundancy_section(),
            &trials_section()};
}

const Key* Section::find(std::string_view key) const {
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const Key& one) { return one.row.name == key; });
    return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> Section::key_names() const {
    std::vector<std::string> names;
    for (const Key& key : keys)
        names.push_back(key.row.name);
    return names;
}

const Key* Section::kind_key() const {
    const auto found = std::find_if(
        keys.begin(), keys.end(), [](const Key& one) { return one.form == KeyForm::kind; });
    return found == keys.end() ? nullptr : &*found;
}

const std::vector<Kind>& kinds_of(const Catalog& catalog, SectionKinds kinds) {
    switch (kinds) {
        case SectionKinds::faults:
            return catalog.faults;
        case SectionKinds::drivers:
            return catalog.drivers;
        case SectionKinds::probes:
            return catalog.probes;
        case SectionKinds::none:
            break;
    }
    static const std::vector<Kind> none;
    return none;
}

const std::vector<std::string>& instance_keys() {
    static const std::vector<std::string> keys{
        "command", "args", "env", "directory", "files", "ready", "stop", "limits"};
    return keys;
}

}  // namespace faultline
