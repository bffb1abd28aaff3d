// SPDX-License-Identifier: Apache-2.0
// JUnit XML as CI systems read it: one suite a run, one case an expectation, one a trial.
// Source: the common subset of Jenkins, GitLab and GitHub reporters,
// https://github.com/testmoapp/junitxml.
//
// A trial that had to be left out does not fail a run whose verdict is not about it: a gate fails
// on a regression, never on noise. Such trials are skipped, with the reason.
#include <sstream>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "reports/findings.hpp"
#include "reports/plain.hpp"
#include "reports/renderer.hpp"
#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

struct Tally {
    int tests = 0, failures = 0, errors = 0, skipped = 0;
};

std::string say_seconds(Duration span) {
    return fmt::format("{:.3f}", seconds_of(span));
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
    node.append_attribute(name).set_value(plain(value).c_str());
}

class Suite {
  public:
    Suite(pugi::xml_node node, const RunRecord& run)
        : node_(node), class_name_("faultline." + run.scenario_name) {}

    void pass(const std::string& name, Duration took) { add(name, took); }
    void failure(const std::string& name, Duration took, const std::string& message) {
        ++tally_.failures;
        explain(add(name, took), "failure", message);
    }
    void error(const std::string& name, Duration took, const std::string& message) {
        ++tally_.errors;
        explain(add(name, took), "error", message);
    }
    void skipped(const std::string& name, Duration took, const std::string& message) {
        ++tally_.skipped;
        explain(add(name, took), "skipped", message);
    }
    [[nodiscard]] const Tally& tally() const { return tally_; }

  private:
    pugi::xml_node add(const std::string& name, Duration took) {
        ++tally_.tests;
        pugi::xml_node test = node_.append_child("testcase");
        set(test, "classname", class_name_);
        set(test, "name", name);
        set(test, "time", say_seconds(took));
        return test;
    }
    static void explain(pugi::xml_node test, const char* kind, const std::string& message) {
        pugi::xml_node child = test.append_child(kind);
        set(child, "message", message);
        child.text().set(plain(message).c_str());
    }

    pugi::xml_node node_;
    std::string class_name_;
    Tally tally_{};
};

std::string message_of(const ExpectationResult& expectation) {
    std::string message = "measured " + say_value(expectation);
    const std::string bound = say_bound(expectation);
    if (!bound.empty()) message += " " + bound;
    if (!expectation.explanation.empty()) message += ": " + expectation.explanation;
    if (expectation.trials_needed)
        message += fmt::format(" (trials needed: {})", *expectation.trials_needed);
    return message;
}

void add_expectations(Suite& suite, const Summary& summary) {
    for (const ExpectationResult& expectation : summary.expectations) {
        switch (expectation.verdict) {
            case Verdict::pass:
                suite.pass(expectation.text, {});
                break;
            case Verdict::fail:
                suite.failure(expectation.text, {}, message_of(expectation));
                break;
            case Verdict::inconclusive:
                suite.skipped(expectation.text, {}, message_of(expectation));
                break;
        }
    }
}

/// Whether the run's verdict is that its trials could not be used.
bool is_about_trials(RunOutcome outcome) {
    return outcome == RunOutcome::unhealthy || outcome == RunOutcome::ineffective ||
           outcome == RunOutcome::harness_error;
}

void add_trials(Suite& suite, const RunRecord& run) {
    const bool blamed = run.summary && is_about_trials(run.summary->outcome);
    for (const TrialRecord& trial : run.trials) {
        const std::string name =
            fmt::format("trial {} ({})", trial.trial, trial.control ? "control" : "fault");
        if (!is_invalid(trial)) {
            suite.pass(name, trial.took);
        } else if (blamed && trial.outcome != TrialOutcome::pass) {
            suite.error(name, trial.took, say_invalid(trial));
        } else {
            suite.skipped(name, trial.took, say_invalid(trial));
        }
    }
}

/// A verdict that no case has told must not look green.
void add_untold_verdict(Suite& suite, const RunRecord& run) {
    if (!run.summary) return suite.error("run", {}, "the run is unfinished");
    const Tally& tally = suite.tally();
    const std::string message =
        fmt::format("{}: {}", name_of(run.summary->outcome), run.summary->reason);
    switch (run.summary->outcome) {
        case RunOutcome::pass:
            break;
        case RunOutcome::fail:
            if (tally.failures == 0) suite.failure("run", {}, message);
            break;
        case RunOutcome::inconclusive:
            if (tally.skipped == 0) suite.skipped("run", {}, message);
            break;
        case RunOutcome::usage:
        case RunOutcome::unhealthy:
        case RunOutcome::ineffective:
        case RunOutcome::harness_error:
        case RunOutcome::interrupted:
            if (tally.errors == 0) suite.error("run", {}, message);
            break;
    }
}

void add_property(pugi::xml_node properties, const std::string& name, const std::string& value) {
    pugi::xml_node property = properties.append_child("property");
    set(property, "name", name);
    set(property, "value", value);
}

void add_measures(pugi::xml_node properties, const Summary& summary) {
    for (const InjectionSummary& injection : summary.injections) {
        const std::string prefix = summary.injections.size() > 1 ? injection.id + "." : "";
        for (const auto& [name, span] : injection.spans) {
            if (span.n == 0) continue;
            add_property(properties, prefix + name + ".n", std::to_string(span.n));
            add_property(properties,
                         prefix + name + ".p50",
                         say_span(span.p50) + " " + say_span_interval(span.p50_interval));
            add_property(properties,
                         prefix + name + ".p95",
                         say_span(span.p95) + " " + say_span_interval(span.p95_interval));
        }
        const ShareSummary& success = injection.success_rate;
        if (success.n > 0) {
            add_property(properties,
                         prefix + "success_rate.mean",
                         say_share(success.mean) + " " + say_share_interval(success.mean_interval));
        }
    }
    for (const auto& [name, count] : summary.counts) {
        add_property(properties, name + ".total", std::to_string(count.total));
    }
}

void add_properties(pugi::xml_node suite, const RunRecord& run) {
    pugi::xml_node properties = suite.append_child("properties");
    add_property(properties, "run", run.run);
    add_property(properties,
                 "verdict",
                 run.summary ? std::string(name_of(run.summary->outcome)) : "unfinished");
    add_property(properties, "seed", std::to_string(run.seed));
    add_property(properties, "faultline_version", run.faultline_version);
    for (const auto& [name, value] : run.parameters)
        add_property(properties, "parameter." + name, value);
    if (run.summary) add_measures(properties, *run.summary);
    add_property(properties, "instrument", say_instrument(run.instrument));
}

void set_totals(pugi::xml_node node, const RunRecord& run, const Tally& tally) {
    set(node, "name", run.scenario_name);
    set(node, "tests", std::to_string(tally.tests));
    set(node, "failures", std::to_string(tally.failures));
    set(node, "errors", std::to_string(tally.errors));
    set(node, "skipped", std::to_string(tally.skipped));
    set(node, "time", say_seconds(wall_time(run)));
}

std::string render_junit(const RunRecord& run, const RenderOptions&) {
    pugi::xml_document document;
    pugi::xml_node suites = document.append_child("testsuites");
    pugi::xml_node node = suites.append_child("testsuite");
    add_properties(node, run);
    Suite suite(node, run);
    if (run.summary) add_expectations(suite, *run.summary);
    add_trials(suite, run);
    add_untold_verdict(suite, run);
    set_totals(suites, run, suite.tally());
    set_totals(node, run, suite.tally());
    if (!run.started.empty()) set(node, "timestamp", run.started);
    std::ostringstream text;
    document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
    return text.str();
}

}  // namespace

Renderer junit_renderer() {
    return {"junit", "junit.xml", "JUnit XML, for CI systems that show tests", render_junit};
}

}  // namespace faultline::reports
