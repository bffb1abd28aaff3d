// SPDX-License-Identifier: Apache-2.0
// What a fail point costs where nothing is armed, where another point is, and where it is itself;
// beside libfiu's fiu_fail in the same run when that is installed. After the table stands what was
// asked and what was measured; exits 1 when something is missed.
#include <algorithm>
#include <cerrno>
#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#ifdef FAULTLINE_HAS_LIBFIU
#include <fiu-control.h>
#include <fiu.h>
#endif

#include "harness/include/faultline/failpoint.hpp"

namespace {

constexpr double unarmed_ns_max = 1.0;
constexpr double other_armed_ns_max = 2.0;
constexpr double share_of_libfiu_max = 1.0 / 3;
constexpr int repetitions = 5;  // the best counts: what disturbs only adds

/// What the loop around a point costs by itself; taken off the others.
void empty_loop(benchmark::State& state) {
    int failures = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(failures);
    }
}

int point() {
    return FL_FAILPOINT("bench.point");
}

void unarmed(benchmark::State& state) {
    int failures = 0;
    for (auto _ : state) {
        failures += FL_FAILPOINT("bench.point");
        benchmark::DoNotOptimize(failures);
    }
}

void other_armed(benchmark::State& state) {
    const auto armed = faultline::arm_failpoints("bench.other=error(EIO):probability=0");
    if (!armed) return state.SkipWithError(armed.message().c_str());
    unarmed(state);
    faultline::disarm_all_failpoints();
}

void armed_without_trigger(benchmark::State& state) {
    const auto armed = faultline::arm_failpoints("bench.point=error(EIO):probability=0");
    if (!armed) return state.SkipWithError(armed.message().c_str());
    unarmed(state);
    faultline::disarm_all_failpoints();
}

void armed_and_triggering(benchmark::State& state) {
    const auto armed = faultline::arm_failpoints("bench.point=error(EIO)");
    if (!armed) return state.SkipWithError(armed.message().c_str());
    unarmed(state);
    faultline::disarm_all_failpoints();
}

/// A second point, so that there is another one to arm.
int other() {
    return FL_FAILPOINT("bench.other");
}

#ifdef FAULTLINE_HAS_LIBFIU
void libfiu_unarmed(benchmark::State& state) {
    int failures = 0;
    for (auto _ : state) {
        failures += fiu_fail("bench/point");
        benchmark::DoNotOptimize(failures);
    }
}

void libfiu_other_armed(benchmark::State& state) {
    fiu_enable("bench/other", EIO, nullptr, 0);
    libfiu_unarmed(state);
    fiu_disable("bench/other");
}
#endif

/// The table for people, and the best time of each benchmark for the verdict.
class Best final : public benchmark::ConsoleReporter {
  public:
    Best() : ConsoleReporter(OO_Tabular) {}  // colours are for terminals
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
            const double time = run.GetAdjustedCPUTime();
            const auto [found, fresh] = best_.emplace(run.run_name.function_name, time);
            if (!fresh) found->second = std::min(found->second, time);
        }
        ConsoleReporter::ReportRuns(runs);
    }
    /// Without the loop. Units: nanoseconds.
    [[nodiscard]] double of(const std::string& name) const {
        return std::max(0.0, best_.at(name) - best_.at("empty_loop"));
    }
    [[nodiscard]] bool has(const std::string& name) const { return best_.contains(name); }

  private:
    std::map<std::string, double> best_;
};

bool report(const std::string& what, double asked, double measured) {
    const bool met = measured <= asked;
    fmt::print("{:<52} asked <= {:>6.2f} ns   measured {:>6.2f} ns   {}\n",
               what,
               asked,
               measured,
               met ? "met" : "MISSED");
    return met;
}

int verdict(const Best& best) {
    bool met = report("nothing armed", unarmed_ns_max, best.of("unarmed"));
    met = report("another point armed", other_armed_ns_max, best.of("other_armed")) && met;
    if (!best.has("libfiu_unarmed")) {
        fmt::print("libfiu is not installed: not compared\n");
        return met ? 0 : 1;
    }
    met = report("nothing armed, against a third of libfiu's fiu_fail",
                 best.of("libfiu_unarmed") * share_of_libfiu_max,
                 best.of("unarmed")) &&
          met;
    met = report("another point armed, against a third of libfiu's",
                 best.of("libfiu_other_armed") * share_of_libfiu_max,
                 best.of("other_armed")) &&
          met;
    return met ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    using Function = void (*)(benchmark::State&);
    const std::map<std::string, Function> functions{
        {"empty_loop", empty_loop},
        {"unarmed", unarmed},
        {"other_armed", other_armed},
        {"armed_without_trigger", armed_without_trigger},
        {"armed_and_triggering", armed_and_triggering}};
    for (const auto& [name, function] : functions)
        benchmark::RegisterBenchmark(name.c_str(), function)->Repetitions(repetitions);
#ifdef FAULTLINE_HAS_LIBFIU
    fiu_init(0);
    benchmark::RegisterBenchmark("libfiu_unarmed", libfiu_unarmed)->Repetitions(repetitions);
    benchmark::RegisterBenchmark("libfiu_other_armed", libfiu_other_armed)
        ->Repetitions(repetitions);
#endif
    Best best;
    benchmark::RunSpecifiedBenchmarks(&best);
    return point() + other() + verdict(best);
}
