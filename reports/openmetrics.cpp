// SPDX-License-Identifier: Apache-2.0
// OpenMetrics text, to keep the numbers of runs over time.
#include <array>

#include "reports/openmetrics_text.hpp"
#include "reports/renderer.hpp"

namespace faultline::reports {
namespace {

using Labels = OpenMetricsLabels;
using Family = OpenMetricsFamily;
using Exposition = OpenMetricsText;

constexpr std::array run_outcomes{RunOutcome::pass,
                                  RunOutcome::fail,
                                  RunOutcome::usage,
                                  RunOutcome::inconclusive,
                                  RunOutcome::unhealthy,
                                  RunOutcome::ineffective,
                                  RunOutcome::harness_error,
                                  RunOutcome::interrupted};

void add_run(Exposition& page, const RunRecord& run) {
    page.family({"faultline_run", "info", "", "The run that these figures come from."});
    page.sample(
        "_info",
        {{"run", run.run}, {"seed", std::to_string(run.seed)}, {"version", run.faultline_version}},
        1);
    page.family({"faultline_verdict", "stateset", "", "What the run says about its expectations."});
    for (const RunOutcome outcome : run_outcomes) {
        if (!run.summary) break;
        page.sample("",
                    {{"faultline_verdict", std::string(name_of(outcome))}},
                    run.summary->outcome == outcome ? 1 : 0);
    }
    page.family({"faultline_trials", "gauge", "", "Trials of the run by how they were counted."});
    if (!run.summary) return;
    page.sample("", {{"counted", "fault"}}, static_cast<double>(run.summary->fault_trials));
    page.sample("", {{"counted", "control"}}, static_cast<double>(run.summary->control_trials));
    page.sample("", {{"counted", "invalid"}}, static_cast<double>(run.summary->invalid_trials));
}

struct SpanFamilies {
    const char* measure;
    Family quantiles, interval, censored;
};

constexpr std::array span_families{
    SpanFamilies{"detection_time",
                 {"faultline_detection_time_seconds",
                  "summary",
                  "seconds",
                  "From the injection to the first detection signal."},
                 {"faultline_detection_time_interval_seconds",
                  "gauge",
                  "seconds",
                  "95 % confidence interval of the quantile; infinite where n cannot close it."},
                 {"faultline_detection_time_censored_trials",
                  "gauge",
                  "",
                  "Trials that detected nothing in time."}},
    SpanFamilies{"recovery_time",
                 {"faultline_recovery_time_seconds",
                  "summary",
                  "seconds",
                  "From the injection until steady state holds again."},
                 {"faultline_recovery_time_interval_seconds",
                  "gauge",
                  "seconds",
                  "95 % confidence interval of the quantile; infinite where n cannot close it."},
                 {"faultline_recovery_time_censored_trials",
                  "gauge",
                  "",
                  "Trials that did not recover by the deadline."}},
    SpanFamilies{
        "downtime",
        {"faultline_downtime_seconds", "summary", "seconds", "Total time inside bad intervals."},
        {"faultline_downtime_interval_seconds",
         "gauge",
         "seconds",
         "95 % confidence interval of the quantile; infinite where n cannot close it."},
        {"faultline_downtime_censored_trials",
         "gauge",
         "",
         "Trials whose downtime is only known to be longer."}},
    SpanFamilies{"redundancy_time",
                 {"faultline_redundancy_time_seconds",
                  "summary",
                  "seconds",
                  "From the injection until every instance is ready again."},
                 {"faultline_redundancy_time_interval_seconds",
                  "gauge",
                  "seconds",
                  "95 % confidence interval of the quantile; infinite where n cannot close it."},
                 {"faultline_redundancy_time_censored_trials",
                  "gauge",
                  "",
                  "Trials that did not become redundant in time."}},
};

template <class Use>
void for_each_span(const Summary& summary, const char* measure, Use use) {
    for (const InjectionSummary& injection : summary.injections) {
        const auto found = injection.spans.find(measure);
        if (found != injection.spans.end() && found->second.n > 0) use(injection.id, found->second);
    }
}

void add_quantiles(Exposition& page, const std::string& id, const SpanSummary& span) {
    const auto quantile = [&](const char* which, const std::optional<double>& value) {
        if (value) page.sample("", {{"injection", id}, {"quantile", which}}, *value / 1e9);
    };
    quantile("0.5", span.p50);
    quantile("0.9", span.p90);
    quantile("0.95", span.p95);
    quantile("0.99", span.p99);
    const auto measured = static_cast<double>(span.n);
    page.sample("_count", {{"injection", id}}, measured);
    // The sum of what was only known to be longer is not known.
    if (span.mean && span.censored == 0)
        page.sample("_sum", {{"injection", id}}, *span.mean * measured / 1e9);
}

void add_interval(Exposition& page, const std::string& id, const SpanSummary& span) {
    const auto ends = [&](const char* which, const Interval& interval) {
        page.sample("", {{"injection", id}, {"of", which}, {"end", "low"}}, interval.low / 1e9);
        page.sample("", {{"injection", id}, {"of", which}, {"end", "high"}}, interval.high / 1e9);
    };
    ends("0.5", span.p50_interval);
    ends("0.9", span.p90_interval);
    ends("0.95", span.p95_interval);
    ends("0.99", span.p99_interval);
}

void add_spans(Exposition& page, const Summary& summary) {
    for (const SpanFamilies& families : span_families) {
        page.family(families.quantiles);
        for_each_span(
            summary, families.measure, [&](const std::string& id, const SpanSummary& span) {
                add_quantiles(page, id, span);
            });
        page.family(families.interval);
        for_each_span(
            summary, families.measure, [&](const std::string& id, const SpanSummary& span) {
                add_interval(page, id, span);
            });
        page.family(families.censored);
        for_each_span(
            summary, families.measure, [&](const std::string& id, const SpanSummary& span) {
                page.sample("", {{"injection", id}}, static_cast<double>(span.censored));
            });
    }
}

void add_shares(Exposition& page, const Summary& summary) {
    page.family({"faultline_success_rate_ratio",
                 "gauge",
                 "ratio",
                 "Good operations of all operations, mean across trials and its 95 % interval."});
    for (const InjectionSummary& injection : summary.injections) {
        const ShareSummary& success = injection.success_rate;
        if (success.n == 0 || !success.mean) continue;
        page.sample("", {{"injection", injection.id}, {"stat", "mean"}}, *success.mean);
        page.sample("", {{"injection", injection.id}, {"stat", "low"}}, success.mean_interval.low);
        page.sample(
            "", {{"injection", injection.id}, {"stat", "high"}}, success.mean_interval.high);
    }
    page.family({"faultline_proportion_ratio",
                 "gauge",
                 "ratio",
                 "Share of trials that detected, recovered or masked the fault."});
    for (const InjectionSummary& injection : summary.injections) {
        for (const auto& [name, proportion] : injection.proportions) {
            if (proportion.n == 0) continue;
            page.sample("",
                        {{"injection", injection.id}, {"measure", name}},
                        static_cast<double>(proportion.k) / static_cast<double>(proportion.n));
        }
    }
}

void add_counts(Exposition& page, const Summary& summary) {
    constexpr std::array families{
        std::pair{"lost_writes",
                  Family{"faultline_lost_writes",
                         "gauge",
                         "",
                         "Writes acknowledged, then absent, over all trials."}},
        std::pair{"unknown_writes",
                  Family{"faultline_unknown_writes",
                         "gauge",
                         "",
                         "Writes whose outcome nobody knows, over all trials."}},
        std::pair{"stale_reads",
                  Family{"faultline_stale_reads",
                         "gauge",
                         "",
                         "Reads older than what was known before them, over all trials."}},
        std::pair{"false_detections",
                  Family{"faultline_false_detections",
                         "gauge",
                         "",
                         "Detection signals without a fault, over all trials."}},
    };
    for (const auto& [name, family] : families) {
        page.family(family);
        const auto found = summary.counts.find(name);
        if (found == summary.counts.end() || found->second.n == 0) continue;
        page.sample("", {}, static_cast<double>(found->second.total));
    }
}

void add_expectations(Exposition& page, const Summary& summary) {
    page.family({"faultline_expectation", "stateset", "", "Whether an expectation holds."});
    for (const ExpectationResult& expectation : summary.expectations) {
        for (const Verdict verdict : {Verdict::pass, Verdict::fail, Verdict::inconclusive}) {
            page.sample("",
                        {{"text", expectation.text},
                         {"faultline_expectation", std::string(name_of(verdict))}},
                        expectation.verdict == verdict ? 1 : 0);
        }
    }
}

void add_instrument(Exposition& page, const InstrumentError& instrument) {
    page.family({"faultline_instrument_error_seconds",
                 "gauge",
                 "seconds",
                 "How wrong the times can be on this machine, 99th percentile."});
    const auto figure = [&](const char* name, const std::optional<double>& value) {
        if (value) page.sample("", {{"figure", name}}, *value / 1e9);
    };
    figure("injection_lateness", instrument.injection_lateness_p99);
    figure("detection_error", instrument.detection_error_p99);
    figure("recovery_error", instrument.recovery_error_p99);
}

std::string render_openmetrics(const RunRecord& run, const RenderOptions&) {
    Exposition page(openmetrics_labels(run.scenario_name, run.parameters));
    add_run(page, run);
    if (run.summary) {
        add_spans(page, *run.summary);
        add_shares(page, *run.summary);
        add_counts(page, *run.summary);
        add_expectations(page, *run.summary);
    }
    add_instrument(page, run.instrument);
    return page.finish();
}

}  // namespace

Renderer openmetrics_renderer() {
    return {"openmetrics",
            "metrics.prom",
            "OpenMetrics text, to follow the numbers over time",
            render_openmetrics};
}

}  // namespace faultline::reports
