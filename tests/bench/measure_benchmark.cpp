// SPDX-License-Identifier: Apache-2.0
// Measures how long measuring and judging take and prints it beside what is asked. Exits with 1
// when a limit is missed; run a release build.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/base/random.hpp"
#include "harness/base/units.hpp"
#include "harness/judge/summary.hpp"
#include "harness/load/drivers/stale_reads.hpp"

namespace faultline {
namespace {

using namespace std::chrono_literals;

bool report(const std::string& what, Duration asked, Duration took) {
    const bool met = took <= asked;
    std::printf("%-52s asked <= %-8s measured %-8s %s\n",
                what.c_str(),
                format_duration(asked).c_str(),
                format_duration(took).c_str(),
                met ? "ok" : "MISSED");
    return met;
}

/// Ten million operations over 100 s, of which 5 s fail; the worst case is a recovery that comes
/// late.
Timeline long_trial(std::int64_t operations) {
    Timeline timeline;
    const Instant start{1000s};
    const std::int64_t gap = Duration(100s).count() / operations;
    timeline.load_start = timeline.steady = start;
    timeline.end = start + 100s;
    Random random(1);
    for (std::int64_t i = 0; i < operations; ++i) {
        Operation operation;
        const std::int64_t since = i * gap;
        operation.intended_ns = nanoseconds_of(start) + since;
        operation.end_ns = operation.intended_ns + 100'000;
        operation.lag_us = static_cast<std::uint32_t>(random.below(1000));
        const bool down = since > Duration(20s).count() && since < Duration(25s).count();
        const bool flapping = since < Duration(70s).count() && since > Duration(25s).count() &&
                              random.uniform() < 0.02;
        operation.outcome = down || flapping ? Outcome::failed : Outcome::ok;
        timeline.operations.push_back(operation);
    }
    Injection injection{.id = "fault-1", .fault = "process.crash"};
    injection.call_begin = injection.call_end = start + 20s;
    timeline.injections.push_back(injection);
    return timeline;
}

Scenario scenario_with_expectations() {
    Scenario scenario;
    scenario.load = LoadSpec{.driver = "tcp", .rate = 100'000};
    scenario.faults.push_back({.id = "fault-1", .kind = "process.crash"});
    scenario.detection.push_back({});
    scenario.recovery = {.success_rate = 0.99, .window = 500ms, .within = 60s};
    for (const double q : {0.5, 0.95, 0.99}) {
        scenario.expectations.push_back({.text = "recovery_time",
                                         .metric = "recovery_time",
                                         .stat = "p95",
                                         .quantile = q,
                                         .value = 3e9,
                                         .confidence = 0.95});
    }
    scenario.expectations.push_back({.text = "success_rate",
                                     .metric = "success_rate",
                                     .shape = MeasureShape::share,
                                     .stat = "mean",
                                     .comparison = Comparison::greater_equal,
                                     .value = 0.9,
                                     .confidence = 0.95});
    return scenario;
}

std::vector<TrialMeasured> many_trials(std::size_t count) {
    Random random(2);
    std::vector<TrialMeasured> trials(count);
    for (TrialMeasured& trial : trials) {
        InjectionMeasures measures;
        measures.detection_time = duration_of_seconds(random.exponential(0.5));
        measures.detection_observed_for = 30s;
        measures.observed_for = duration_of_seconds(1 + random.uniform());
        measures.censored = random.uniform() < 0.02;
        if (!measures.censored) measures.recovery_time = duration_of_seconds(random.exponential(1));
        measures.downtime = measures.recovery_time.value_or(measures.observed_for);
        measures.success_rate = 0.9 + 0.1 * random.uniform();
        trial.injection_ids = {"fault-1"};
        trial.injections = {measures};
        trial.lost_writes = random.below(3);
    }
    return trials;
}

/// Half writes, half reads; a read takes a tenth of a second to learn of a write.
OperationLog reads_and_writes(std::size_t operations, std::uint32_t keys) {
    OperationLog log;
    Random random(3);
    std::vector<std::uint32_t> last(keys, 0);
    for (std::size_t i = 0; i < operations; ++i) {
        Operation operation;
        operation.intended_ns = static_cast<std::int64_t>(i) * 10'000;
        operation.end_ns =
            operation.intended_ns + 1'000 + static_cast<std::int64_t>(random.below(200'000));
        operation.key = static_cast<std::uint32_t>(random.below(keys));
        operation.kind = random.uniform() < 0.5 ? 0 : 1;
        operation.outcome = Outcome::ok;
        if (operation.kind == 1) operation.version = last[operation.key];
        if (operation.kind == 0) last[operation.key] = static_cast<std::uint32_t>(i + 1);
        log.push_back(operation);
    }
    return log;
}

bool check_stale_reads(std::size_t operations, std::uint32_t keys) {
    const OperationLog log = reads_and_writes(operations, keys);
    const Instant begin = now();
    const StaleReads found = find_stale_reads(log, {.write_kind = 0, .read_kind = 1});
    const Instant end = now();
    FL_CHECK(found.checked > operations / 3);
    return report(
        fmt::format("stale reads of {} operations, {} keys", operations, keys), 2s, end - begin);
}

int run() {
    const Scenario scenario = scenario_with_expectations();
    bool met = true;
    {
        const Timeline timeline = long_trial(10'000'000);
        const Instant begin = now();
        const TrialMeasures measures = measure_trial(scenario, timeline, false);
        const Instant end = now();
        FL_CHECK(measures.injections.at(0).recovery_time.has_value());
        met = report("measuring 10,000,000 operations", 3s, end - begin) && met;
    }
    for (const std::uint32_t keys : {1U, 1'000U, 5'000'000U})
        met = check_stale_reads(10'000'000, keys) && met;
    const std::vector<TrialMeasured> trials = many_trials(100'000);
    const Instant begin = now();
    const Summary summary = judge(scenario, trials);
    const Instant end = now();
    FL_CHECK_OP(==, summary.fault_trials, trials.size());
    met = report("judging 100,000 trials", 3s, end - begin) && met;
    return met ? 0 : 1;
}

}  // namespace
}  // namespace faultline

int main() {
    return faultline::run();
}
