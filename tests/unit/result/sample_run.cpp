// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/result/sample_run.hpp"

#include <limits>

namespace faultline {
namespace {

using namespace std::chrono_literals;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t large_seed = 18'000'000'000'000'000'001U;  // above 2^53 and 2^63

InjectionRecord sample_injection(int number) {
    InjectionRecord record;
    const Duration step = number * 1ms;
    Injection& injection = record.injection;
    injection.id = "fault-1";
    injection.fault = "process.crash";
    injection.on = {"redis[0]"};
    injection.planned = instant_of(5'000'000'000);
    injection.call_begin = instant_of(5'000'010'000);
    injection.call_end = instant_of(5'000'020'000);
    injection.effective_bound = instant_of(5'000'040'000);
    injection.observed = instant_of(5'000'160'000);
    injection.effect = Effect::confirmed;
    injection.evidence = "pid 4711 ended by signal 9 (KILL) 0.14 ms after the call";
    injection.mechanism = "pidfd_send_signal";
    InjectionMeasures& measures = record.measures;
    measures.detection_time = 1040ms + step;
    measures.detected_by = "log sentinel[1]";
    measures.recovery_time = 1370ms + step;
    measures.recovery_resolution = 1ms;
    measures.observed_for = 2s;
    measures.downtime = 1300ms;
    measures.success_rate = 0.721;
    measures.operations = 5000;
    measures.good_operations = 3605;
    measures.stages = {.effective = 140us,
                       .first_bad = 2ms,
                       .detected = 1040ms + step,
                       .decided = 1200ms,
                       .serving = 1370ms + step};
    measures.diagnosis = "crash";
    return record;
}

SpanSummary sample_span(double p50_ms) {
    SpanSummary span;
    span.n = 20;
    span.min = (p50_ms - 10) * 1e6;
    span.p50 = p50_ms * 1e6;
    span.p90 = (p50_ms + 8) * 1e6;
    span.p95 = (p50_ms + 9) * 1e6;
    span.p99 = (p50_ms + 10) * 1e6;
    span.max = (p50_ms + 10) * 1e6;
    span.mean = p50_ms * 1e6;
    span.p50_interval = {(p50_ms - 5) * 1e6, (p50_ms + 5) * 1e6};
    span.p90_interval = {(p50_ms + 4) * 1e6, infinity};
    span.p95_interval = {(p50_ms + 6) * 1e6, infinity};
    span.p99_interval = {(p50_ms + 7) * 1e6, infinity};
    return span;
}

Summary sample_summary() {
    Summary summary;
    summary.reason = "every expectation holds";
    summary.fault_trials = 20;
    summary.control_trials = 2;
    summary.outcomes = {{"pass", 22}};
    InjectionSummary injection;
    injection.id = "fault-1";
    injection.spans["detection_time"] = sample_span(1050);
    injection.spans["recovery_time"] = sample_span(1380);
    injection.success_rate = {20, 0.721, 0.70, 0.72, 0.74, {0.712, 0.731}};
    injection.proportions["detected"] = {20, 20, {0.832, 1}};
    injection.proportions["recovered"] = {20, 20, {0.832, 1}};
    injection.proportions["masked"] = {0, 20, {0, 0.168}};
    injection.diagnoses["process.crash"]["crash"] = 20;
    summary.injections = {injection};
    summary.counts["lost_writes"] = {20, 0, 0, 0};
    summary.counts["unknown_writes"] = {20, 31, 4, 1.55};
    summary.counts["false_detections"] = {22, 0, 0, 0};
    summary.expectations = {
        {"detection_time.p95 <= 1500ms", Verdict::pass, 1059e6, {}, "1.06 s is at most 1.5 s", {}},
        {"success_rate.mean >= 70%", Verdict::pass, 0.721, {0.712, infinity}, "", {}},
    };
    return summary;
}

}  // namespace

TrialRecord sample_trial(int number) {
    TrialRecord trial;
    trial.trial = number;
    trial.seed = large_seed + static_cast<unsigned>(number);
    trial.injections = {sample_injection(number)};
    trial.operations_total = 9000;
    trial.operations_ok = 7600;
    trial.operations_failed = 1369;
    trial.operations_unknown = 31;
    trial.operations_redirected = 12;
    trial.lag_p99 = 80us;
    trial.acknowledged_writes = 3800;
    trial.lost_writes = 0;
    trial.unknown_writes = 2;
    trial.false_detection_exposure = 3s;
    trial.machine_jitter_p99 = 60us;
    trial.instances = {
        {"redis[0]", "clone3", "cgroup v2", 1, {}, 9, "trials/0001/redis-0", 9'437'184},
        {"sentinel[0]", "clone3", "cgroup v2", 1, 0, {}, "trials/0001/sentinel-0"}};
    trial.took = 4636ms;
    trial.harness_overhead = 12ms;
    trial.started_unix_ms = 1'700'000'000'000 + number * 4636;
    return trial;
}

RunRecord sample_run() {
    RunRecord run;
    run.run = "sentinel-primary-crash-20261122-101500-ab12";
    run.scenario_name = "sentinel-primary-crash";
    run.scenario_file = "scenarios/redis/sentinel-primary-crash.json";
    run.about = "Redis Sentinel promotes a replica when the primary is killed.";
    run.scenario_json = R"({"name": "sentinel-primary-crash", "trials": {"count": 20}})";
    run.seed = large_seed;
    run.trials_asked = 20;
    run.control_asked = 2;
    run.started = "2026-11-22T10:15:00Z";
    run.command = {
        "faultline", "run", "scenarios/redis/sentinel-primary-crash.json", "--seed", "7"};
    run.faultline_version = "0.1.0";
    run.machine = {{"kernel", "6.1.0"}, {"cpu", "Test CPU | 2 cores"}};
    run.instrument = {"2026-11-21T08:00:00Z", 30e3, 210e3, 1100e3};
    for (int number = 1; number <= 20; ++number)
        run.trials.push_back(sample_trial(number));
    for (int number = 21; number <= 22; ++number) {
        run.trials.push_back(sample_trial(number));
        run.trials.back().control = true;
        run.trials.back().injections.clear();
    }
    run.summary = sample_summary();
    return run;
}

RunRecord sample_failed_run() {
    RunRecord run = sample_run();
    TrialRecord& unhealthy = run.trials[2];
    unhealthy.outcome = TrialOutcome::unhealthy;
    unhealthy.reason =
        "redis[1] was not ready within 10 s: \x1b[31mCan't | open\x1b[0m the log\x01";
    unhealthy.injections.clear();
    run.trials[4].marks = {std::string(mark_disturbed)};
    InjectionMeasures& censored = run.trials[6].injections[0].measures;
    censored.censored = true;
    censored.recovery_time.reset();
    censored.observed_for = 30s;
    run.trials[7].lost_writes = 2;
    run.trials[7].lost_keys = {"key:17", "key|<b>`42`"};
    run.trials[7].reads_checked = 3000;
    run.trials[7].stale_reads = 5;
    run.trials[7].stale_keys = {"key:23", "key|<i>`7`"};
    run.trials[8].injections[0].injection.effect = Effect::unconfirmed;
    Summary& summary = *run.summary;
    summary.outcome = RunOutcome::fail;
    summary.reason = "1 of 3 expectations is broken";
    summary.fault_trials = 18;
    summary.invalid_trials = 2;
    summary.outcomes = {{"pass", 21}, {"unhealthy", 1}};
    summary.injections[0].spans["recovery_time"].censored = 1;
    summary.counts["lost_writes"] = {18, 2, 2, 0.1};
    summary.counts["stale_reads"] = {18, 5, 5, 0.3};
    summary.expectations.push_back(
        {"lost_writes.total == 0", Verdict::fail, 2.0, {}, "2 writes are lost", {}});
    summary.expectations.push_back({"recovery_time.p99 <= 3s @ 95%",
                                    Verdict::inconclusive,
                                    1390e6,
                                    {1387e6, infinity},
                                    "18 trials cannot bound the 99th percentile; 299 could",
                                    299});
    return run;
}

}  // namespace faultline
