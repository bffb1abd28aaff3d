// SPDX-License-Identifier: Apache-2.0
// One line of trials.jsonl. Published as scenarios/schema/trial-1.schema.json.
#include <algorithm>
#include <array>

#include "harness/result/json_fields.hpp"
#include "harness/result/record.hpp"
#include "harness/result/record_fields.hpp"

namespace faultline {
namespace {

constexpr std::array trial_outcomes{TrialOutcome::pass,
                                    TrialOutcome::unhealthy,
                                    TrialOutcome::ineffective,
                                    TrialOutcome::harness_error,
                                    TrialOutcome::interrupted};

void stage_fields(JsonFields& json, Stages& stages) {
    json.field("effective_ns", stages.effective);
    json.field("first_bad_ns", stages.first_bad);
    json.field("detected_ns", stages.detected);
    json.field("located_ns", stages.located);
    json.field("decided_ns", stages.decided);
    json.field("repaired_ns", stages.repaired);
    json.field("serving_ns", stages.serving);
    json.field("redundant_ns", stages.redundant);
    json.field("verified_ns", stages.verified);
}

void measure_fields(JsonFields& json, InjectionMeasures& measures) {
    json.field("detection_time_ns", measures.detection_time);
    json.text_or_null("detected_by", measures.detected_by);
    json.field("recovery_time_ns", measures.recovery_time);
    json.field("recovery_resolution_ns", measures.recovery_resolution);
    json.field("observed_for_ns", measures.observed_for);
    json.field("detection_observed_for_ns", measures.detection_observed_for);
    json.field("masked", measures.masked);
    json.field("censored", measures.censored);
    json.field("relapsed", measures.relapsed);
    json.field("downtime_ns", measures.downtime);
    json.field("success_rate", measures.success_rate);
    json.field("operations", measures.operations);
    json.field("good_operations", measures.good_operations);
    json.field("redundancy_time_ns", measures.redundancy_time);
    json.object("stages", [&](JsonFields& inside) { stage_fields(inside, measures.stages); });
    json.text_or_null("diagnosis", measures.diagnosis);
}

void instance_fields(JsonFields& json, InstanceRecord& instance) {
    json.require("name");
    json.field("name", instance.name);
    json.field("launch_method", instance.launch_method);
    json.field("cgroup", instance.cgroup);
    json.field("starts", instance.starts);
    json.field("exit_code", instance.exit_code);
    json.field("exit_signal", instance.exit_signal);
    json.text_or_null("output_folder", instance.output_folder);
    json.field("memory_peak_bytes", instance.memory_peak_bytes);
}

void write_check_fields(JsonFields& json, TrialRecord& trial) {
    json.field("acknowledged_writes", trial.acknowledged_writes);
    json.field("lost_writes", trial.lost_writes);
    json.field("unknown_writes", trial.unknown_writes);
    json.field("lost_keys", trial.lost_keys);
    json.field("reads_checked", trial.reads_checked);
    json.field("stale_reads", trial.stale_reads);
    json.field("stale_keys", trial.stale_keys);
    json.text_or_null("note", trial.write_check_note);
}

void operation_fields(JsonFields& json, TrialRecord& trial) {
    json.field("total", trial.operations_total);
    json.field("ok", trial.operations_ok);
    json.field("failed", trial.operations_failed);
    json.field("unknown", trial.operations_unknown);
    json.field("redirected", trial.operations_redirected);
    json.field("lag_p99_ns", trial.lag_p99);
}

void trial_kind_field(JsonFields& json, bool& control) {
    std::string kind = control ? "control" : "fault";
    json.require("kind");
    json.field("kind", kind);
    if (kind != "control" && kind != "fault") {
        json.complain("kind", "is neither \"fault\" nor \"control\"");
    }
    control = kind == "control";
}

void trial_fields(JsonFields& json, TrialRecord& trial) {
    json.version(record_version);
    json.require("trial");
    json.field("trial", trial.trial);
    trial_kind_field(json, trial.control);
    json.seed("seed", trial.seed);
    json.require("outcome");
    json.choice("outcome", trial.outcome, trial_outcomes);
    json.text_or_null("reason", trial.reason);
    json.field("marks", trial.marks);
    json.list("injections", trial.injections, [](JsonFields& inside, InjectionRecord& record) {
        injection_fields(inside, record.injection);
        measure_fields(inside, record.measures);
    });
    json.object("operations", [&](JsonFields& inside) { operation_fields(inside, trial); });
    json.object("checks", [&](JsonFields& inside) { write_check_fields(inside, trial); });
    json.field("false_detections", trial.false_detections);
    json.field("false_detection_exposure_ns", trial.false_detection_exposure);
    json.field("machine_jitter_p99_ns", trial.machine_jitter_p99);
    json.field("malformed_events", trial.malformed_events);
    json.list("instances", trial.instances, instance_fields);
    json.field("leaks", trial.leaks);
    json.field("took_ns", trial.took);
    json.field("harness_overhead_ns", trial.harness_overhead);
    json.field("started_unix_ms", trial.started_unix_ms);
    json.field("started_ns", trial.started);
}

}  // namespace

std::string encode_trial(const TrialRecord& record) {
    JsonFields json = JsonFields::to_write();
    TrialRecord copy = record;  // the fields are listed once, for writing and for reading
    trial_fields(json, copy);
    return json.text();
}

Result<TrialRecord> decode_trial(const std::string& line) {
    FL_TRY(JsonFields json, JsonFields::to_read(line));
    TrialRecord record;
    trial_fields(json, record);
    FL_TRY_VOID(json.finish());
    return record;
}

TrialMeasured measured_of(const TrialRecord& record) {
    TrialMeasured measured;
    measured.control = record.control;
    measured.outcome = record.outcome;
    for (const InjectionRecord& injection : record.injections) {
        measured.injection_ids.push_back(injection.injection.id);
        measured.injections.push_back(injection.measures);
    }
    measured.lost_writes = record.lost_writes;
    measured.unknown_writes = record.unknown_writes;
    measured.stale_reads = record.stale_reads;
    measured.false_detections = record.false_detections;
    measured.false_detection_exposure = record.false_detection_exposure;
    measured.disturbed =
        std::any_of(record.marks.begin(), record.marks.end(), [](const std::string& mark) {
            return mark == mark_disturbed || mark == mark_lag;
        });
    return measured;
}

}  // namespace faultline
