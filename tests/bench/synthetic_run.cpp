// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/synthetic_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/file.hpp"
#include "harness/base/random.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/run.hpp"
#include "harness/scenario/load_scenario.hpp"

namespace faultline {
namespace {

using namespace std::chrono_literals;

constexpr Duration observed = 5s;
constexpr Duration injected_at = 1s;  // after the load's start
constexpr Duration trial_length = 3s;
constexpr std::int64_t first_start_ns = 5'000'000'000;

constexpr const char* scenario_text = R"({{
  "name": "{}",
  "about": "A metronome pair whose primary is killed under load.",
  "targets": {{"metronome": {{"count": 2, "ports": ["client"],
    "command": ["${{bin}}/metronome", "--port", "${{port.client}}", "--detect-after", "50ms", "--takeover-after", "100ms"],
    "ready": {{"probe": "redis.ping", "period": "5ms"}},
    "instances": {{"0": {{"args": ["--role", "primary", "--peer-port", "${{metronome[1].port.client}}"]}},
                  "1": {{"args": ["--role", "secondary", "--peer-port", "${{metronome[0].port.client}}"]}}}}}}}},
  "roles": {{"metronome": {{"primary": {{"probe": "redis.role", "equals": "master", "period": "20ms"}}}}}},
  "load": {{"driver": "redis", "to": "metronome@primary", "rate": "1000/s", "connections": 5,
           "operations": {{"set": 0.5, "get": 0.5}}, "timeout": "100ms"}},
  "steady_state": {{"success_rate": 0.99, "latency": "20ms", "for": "200ms", "within": "10s"}},
  "detection": [{{"event": "detected", "in": "metronome"}}],
  "recovery": {{"success_rate": 0.99, "latency": "20ms", "for": "200ms", "within": "5s"}},
  "success_window": "500ms",
  "faults": [{{"fault": "process.crash", "on": "metronome@primary", "at": "100ms"}}],
  "expect": ["recovery_time.p50 <= 250ms @ 95%", "lost_writes.total == 0"],
  "trials": {{"count": {}, "control": {}, "seed": {}}}
}})";

Duration around(Random& random, double median_ms, double spread) {
    return duration_of_seconds(median_ms / 1e3 * std::exp(spread * random.normal()));
}

InjectionRecord injection_of(const SyntheticOptions& options, Random& random, Instant start) {
    InjectionRecord record;
    Injection& injection = record.injection;
    injection.id = "fault-1";
    injection.fault = "process.crash";
    injection.on = {"metronome[0]"};
    injection.planned = start + injected_at;
    injection.call_begin = injection.planned + 10us;
    injection.call_end = injection.planned + 20us;
    injection.effective_bound = injection.planned + 40us;
    injection.observed = injection.planned + 160us;
    injection.effect = Effect::confirmed;
    injection.evidence = "pid 4711 ended by signal 9 (KILL) 0.14 ms after the call";
    injection.mechanism = "pidfd_send_signal";
    InjectionMeasures& measures = record.measures;
    measures.observed_for = observed;
    measures.detection_observed_for = observed;
    measures.recovery_resolution = 1ms;
    const Duration detection = around(random, options.detection_ms, options.spread);
    if (random.uniform() >= options.undetected) {
        measures.detection_time = detection;
        measures.detected_by = "event metronome[1]";
        measures.stages.detected = detection;
        measures.diagnosis = "crash";
    }
    const Duration recovery = around(random, options.recovery_ms, options.spread);
    measures.operations = 500;
    if (random.uniform() < options.masked) {
        measures.masked = true;
        measures.recovery_time = Duration::zero();
        measures.success_rate = 1.0;
    } else if (random.uniform() < options.unrecovered) {
        measures.censored = true;
        measures.downtime = observed;
        measures.success_rate = 0.0;
    } else {
        measures.recovery_time = recovery;
        measures.downtime = recovery - 2ms;
        measures.success_rate = std::clamp(options.success_rate + 0.01 * random.normal(), 0.0, 1.0);
        measures.stages.effective = 140us;
        measures.stages.first_bad = 2ms;
        measures.stages.serving = recovery;
    }
    measures.good_operations = static_cast<std::uint64_t>(500 * *measures.success_rate);
    return record;
}

TrialRecord trial_of(const SyntheticOptions& options, int number, bool control) {
    Random random = Random(options.seed).fork("trial", static_cast<std::uint64_t>(number));
    TrialRecord trial;
    trial.trial = number;
    trial.control = control;
    trial.seed = random.next();
    const Instant start = instant_of(first_start_ns) + number * trial_length;
    if (!control) trial.injections = {injection_of(options, random, start)};
    if (random.uniform() < options.disturbed) trial.marks = {std::string(mark_disturbed)};
    trial.operations_total = 3000;
    trial.operations_ok = control ? 3000 : 2890;
    trial.operations_failed = control ? 0 : 105;
    trial.operations_unknown = control ? 0 : 5;
    trial.lag_p99 = 80us + Duration(random.below(40'000));
    trial.acknowledged_writes = 1450;
    trial.lost_writes = random.uniform() < options.losing ? 1 + random.below(5) : 0;
    trial.unknown_writes = control ? 0 : random.below(4);
    for (std::uint64_t key = 0; key < *trial.lost_writes; ++key)
        trial.lost_keys.push_back(fmt::format("key:{}", random.below(1000)));
    trial.false_detection_exposure = injected_at;
    trial.machine_jitter_p99 = 60us;
    trial.instances = {{"metronome[0]", "clone3", "cgroup v2", 1, {}, control ? 15 : 9, {}},
                       {"metronome[1]", "clone3", "cgroup v2", 1, {}, 15, {}}};
    trial.took = trial_length;
    trial.harness_overhead = 12ms;
    trial.started_unix_ms = 1'795'000'000'000 + number * 3000;
    return trial;
}

Event event_at(Instant at, EventSource source, std::string name, std::string instance) {
    return {.at = at,
            .seen = at + 30us,
            .source = source,
            .name = std::move(name),
            .instance = std::move(instance)};
}

}  // namespace

RunRecord synthetic_run(const SyntheticOptions& options) {
    RunRecord run;
    run.scenario_name = options.name;
    run.run =
        options.run_id.empty() ? fmt::format("{}-{}", options.name, options.seed) : options.run_id;
    run.scenario_file = options.name + ".json";
    run.seed = options.seed;
    run.trials_asked = options.trials;
    run.control_asked = options.control;
    run.started = options.started;
    run.command = {"faultline", "run", run.scenario_file, "--seed", std::to_string(options.seed)};
    run.faultline_version = "0.1.0";
    run.machine = {{"host", "bench"},
                   {"kernel", "Linux 6.1.0 x86_64"},
                   {"cpu", options.cpu.value_or("Synthetic CPU")},
                   {"cores", "2"},
                   {"memory", "4.00 GiB"},
                   {"load_average", "0.10 0.10 0.10 1/100 1"},
                   {"network", "a namespace per instance"}};
    run.instrument = {"2026-11-21T08:00:00Z", 30e3, 210e3, 1100e3};
    const LoadedScenario loaded = load_scenario_text(fmt::format(scenario_text,
                                                                 options.name,
                                                                 std::max(1, options.trials),
                                                                 options.control,
                                                                 options.seed),
                                                     run.scenario_file,
                                                     full_catalog());
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        fmt::print(stderr, "{}\n", format_diagnostic(diagnostic));
    FL_CHECK_OP(==, loaded.cases.size(), 1U);
    const Scenario& scenario = loaded.cases.front();
    run.scenario_json = scenario.resolved_json;
    run.about = scenario.about;
    const std::vector<bool> controls = control_plan(options.trials, options.control);
    for (std::size_t index = 0; index < controls.size(); ++index)
        run.trials.push_back(trial_of(options, static_cast<int>(index) + 1, controls[index]));
    run.summary = judge_run(scenario, run);
    return run;
}

Timeline synthetic_timeline(const SyntheticOptions& options, const TrialRecord& trial) {
    Timeline timeline;
    const Instant start = instant_of(first_start_ns) + trial.trial * trial_length;
    timeline.load_start = start;
    timeline.steady = start + 500ms;
    timeline.end = start + trial_length;
    timeline.operation_kinds = {"set", "get"};
    timeline.events = {event_at(start + 10ms, EventSource::harness, "ready", "metronome[0]")};
    Duration down{};
    Instant injected = timeline.end;
    for (const InjectionRecord& record : trial.injections) {
        timeline.injections.push_back(record.injection);
        injected = record.injection.at();
        down = record.measures.recovery_time.value_or(trial_length);
        timeline.events.push_back(
            event_at(injected, EventSource::harness, "inject", "metronome[0]"));
        if (record.measures.detection_time) {
            timeline.events.push_back(event_at(injected + *record.measures.detection_time,
                                               EventSource::target,
                                               "detected",
                                               "metronome[1]"));
            timeline.events.back().fields = {{"about", "metronome[0]"}, {"cause", "crash"}};
            timeline.events.back().signal = 0;
        }
    }
    Random random =
        Random(options.seed).fork("operations", static_cast<std::uint64_t>(trial.trial));
    for (std::size_t index = 0; index < options.operations; ++index) {
        Operation operation;
        const Instant intended = start + trial_length * static_cast<std::int64_t>(index) /
                                             static_cast<std::int64_t>(options.operations);
        operation.intended_ns = nanoseconds_of(intended);
        const bool bad = intended >= injected && intended < injected + down;
        operation.end_ns =
            operation.intended_ns +
            (bad ? 100'000'000 : static_cast<std::int64_t>(random.exponential(300'000)) + 50'000);
        operation.key = static_cast<std::uint32_t>(random.below(1000));
        operation.kind = static_cast<std::uint8_t>(random.below(2));
        operation.outcome = bad ? Outcome::unknown : Outcome::ok;
        operation.failure = bad ? Failure::timeout : Failure::none;
        operation.endpoint = intended < injected + down ? 0 : 1;
        operation.lag_us = static_cast<std::uint32_t>(random.below(80));
        timeline.operations.push_back(operation);
    }
    return timeline;
}

Result<> write_synthetic_run(const SyntheticOptions& options,
                             const std::filesystem::path& directory) {
    const RunRecord run = synthetic_run(options);
    FL_TRY(ResultDirectory result, ResultDirectory::create(directory, run));
    if (options.operations > 0) {
        for (const TrialRecord& trial : run.trials)
            FL_TRY_VOID(result.write_timeline(trial.trial, synthetic_timeline(options, trial)));
    }
    // All lines at once: a real run syncs each, which would take minutes for 100,000 of them.
    std::string lines;
    for (const TrialRecord& trial : run.trials)
        lines += encode_trial(trial) + "\n";
    FL_TRY_VOID(write_file(directory / "trials.jsonl", lines));
    return result.write_summary(*run.summary, run.instrument);
}

}  // namespace faultline
