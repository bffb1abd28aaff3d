// SPDX-License-Identifier: Apache-2.0
// summary.json. Published as scenarios/schema/summary-1.schema.json.
//
// "measures" are those of the first injection and of the whole trial, which is what most readers
// want; "injections" has those of every injection.
#include <algorithm>
#include <array>

#include "harness/result/json_fields.hpp"
#include "harness/result/record.hpp"
#include "harness/result/record_fields.hpp"

namespace faultline {
namespace {

constexpr int pretty_indent = 2;
constexpr std::array verdicts{Verdict::pass, Verdict::fail, Verdict::inconclusive};
constexpr std::array run_outcomes{RunOutcome::pass,
                                  RunOutcome::fail,
                                  RunOutcome::usage,
                                  RunOutcome::inconclusive,
                                  RunOutcome::unhealthy,
                                  RunOutcome::ineffective,
                                  RunOutcome::harness_error,
                                  RunOutcome::interrupted};
constexpr std::array span_measures{
    "detection_time", "recovery_time", "downtime", "redundancy_time"};
constexpr std::array proportion_measures{"detected", "recovered", "masked", "diagnosed"};
constexpr std::array count_measures{
    "lost_writes", "unknown_writes", "stale_reads", "false_detections"};

void span_fields(JsonFields& json, SpanSummary& span) {
    json.field("n", span.n);
    json.field("censored", span.censored);
    json.nanoseconds("min_ns", span.min);
    json.nanoseconds("p50_ns", span.p50);
    json.nanoseconds("p90_ns", span.p90);
    json.nanoseconds("p95_ns", span.p95);
    json.nanoseconds("p99_ns", span.p99);
    json.nanoseconds("max_ns", span.max);
    json.nanoseconds("mean_ns", span.mean);
    json.nanoseconds("p50_interval_ns", span.p50_interval);
    json.nanoseconds("p90_interval_ns", span.p90_interval);
    json.nanoseconds("p95_interval_ns", span.p95_interval);
    json.nanoseconds("p99_interval_ns", span.p99_interval);
}

void share_fields(JsonFields& json, ShareSummary& share) {
    json.field("n", share.n);
    json.field("mean", share.mean);
    json.field("min", share.min);
    json.field("p50", share.p50);
    json.field("max", share.max);
    json.field("mean_interval", share.mean_interval);
}

void proportion_fields(JsonFields& json, ProportionSummary& proportion) {
    json.field("k", proportion.k);
    json.field("n", proportion.n);
    json.field("interval", proportion.interval);
}

void count_fields(JsonFields& json, CountSummary& count) {
    json.field("n", count.n);
    json.field("total", count.total);
    json.field("max", count.max);
    json.field("mean", count.mean);
}

/// The entries of `measures` named `known` that are there: in the map when writing, in JSON when
/// reading.
template <class Known, class Measure, class Fields>
void named_measures(JsonFields& json,
                    const Known& known,
                    std::map<std::string, Measure>& measures,
                    Fields fields) {
    const std::vector<std::string> present = json.names();
    for (const char* name : known) {
        const bool there = json.reading()
                               ? std::find(present.begin(), present.end(), name) != present.end()
                               : measures.contains(name);
        if (!there) continue;
        json.object(name, [&](JsonFields& inside) { fields(inside, measures[name]); });
    }
}

void injection_measure_fields(JsonFields& json, InjectionSummary& injection) {
    named_measures(json, span_measures, injection.spans, span_fields);
    json.object("success_rate",
                [&](JsonFields& inside) { share_fields(inside, injection.success_rate); });
    named_measures(json, proportion_measures, injection.proportions, proportion_fields);
}

/// fault → cause named by the target → how often.
void diagnosis_fields(JsonFields& json, InjectionSummary& injection) {
    json.object("diagnoses", [&](JsonFields& inside) {
        if (inside.reading()) {
            for (const std::string& fault : inside.names())
                injection.diagnoses[fault];
        }
        for (auto& [fault, causes] : injection.diagnoses)
            inside.field(fault.c_str(), causes);
    });
}

void expectation_fields(JsonFields& json, ExpectationResult& expectation) {
    json.field("text", expectation.text);
    json.choice("verdict", expectation.verdict, verdicts);
    json.field("value", expectation.value);
    json.field("interval", expectation.interval);
    json.text_or_null("explanation", expectation.explanation);
    json.field("trials_needed", expectation.trials_needed);
}

void outcome_fields(JsonFields& json, Summary& summary) {
    json.require("verdict");
    json.choice("verdict", summary.outcome, run_outcomes);
    int exit_code = exit_code_of(summary.outcome);
    json.field("exit_code", exit_code);
    json.text_or_null("reason", summary.reason);
    json.object("trials", [&](JsonFields& inside) {
        inside.field("fault", summary.fault_trials);
        inside.field("control", summary.control_trials);
        inside.field("invalid", summary.invalid_trials);
    });
    json.field("outcomes", summary.outcomes);
}

void summary_fields(JsonFields& json, Summary& summary) {
    json.version(record_version);
    outcome_fields(json, summary);
    json.object("measures", [&](JsonFields& inside) {
        if (!inside.reading() && !summary.injections.empty()) {
            injection_measure_fields(inside, summary.injections.front());
        }
        named_measures(inside, count_measures, summary.counts, count_fields);
    });
    json.field("false_detections_per_hour", summary.false_detections_per_hour);
    json.list(
        "injections", summary.injections, [](JsonFields& inside, InjectionSummary& injection) {
            inside.field("id", injection.id);
            inside.object("measures", [&](JsonFields& measures) {
                injection_measure_fields(measures, injection);
            });
            diagnosis_fields(inside, injection);
        });
    json.list("expectations", summary.expectations, expectation_fields);
}

}  // namespace

std::string encode_summary(const Summary& summary, const InstrumentError& instrument) {
    JsonFields json = JsonFields::to_write();
    Summary summary_copy = summary;  // the fields are listed once, for writing and for reading
    InstrumentError instrument_copy = instrument;
    summary_fields(json, summary_copy);
    json.object("instrument",
                [&](JsonFields& inside) { instrument_fields(inside, instrument_copy); });
    return json.text(pretty_indent) + "\n";
}

Result<Summary> decode_summary(const std::string& text) {
    FL_TRY(JsonFields json, JsonFields::to_read(text));
    Summary summary;
    summary_fields(json, summary);
    FL_TRY_VOID(json.finish());
    return summary;
}

}  // namespace faultline
