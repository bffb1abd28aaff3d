// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <unistd.h>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/cli/benchmark_flags.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/recovery_benchmark.hpp"
#include "harness/cli/signal_watch.hpp"
#include "harness/launch/network_rights.hpp"
#include "harness/run/version.hpp"
#include "reports/sweep.hpp"

namespace faultline::cli {
namespace {

using Benchmarks = std::vector<std::unique_ptr<RecoveryBenchmark>>;

/// Over the repetitions of a benchmark, beside Google's mean, median and standard deviation.
double p95(const std::vector<double>& values) {
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(sorted.size())));
    return sorted.empty() ? 0 : sorted[std::max<std::size_t>(rank, 1) - 1];
}

void register_benchmark(RecoveryBenchmark& benchmark, int trials) {
    benchmark::RegisterBenchmark(benchmark.name().c_str(),
                                 [&benchmark](benchmark::State& state) { benchmark(state); })
        ->Iterations(trials)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond)
        ->ComputeStatistics("p95", p95);
}

/// Gives Google Benchmark its flags. Errors: what it does not take.
Result<> initialise(const BenchCommand& command) {
    FL_TRY_VOID(check_benchmark_flags(command.benchmark_flags));
    std::vector<std::string> flags = command.benchmark_flags;
    // The library keeps the pointer to the name of the program, which outlives the command.
    static std::array<char, 10> program{"faultline"};
    std::vector<char*> arguments{program.data()};
    for (std::string& flag : flags)
        arguments.push_back(flag.data());
    int count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (count > 1) {
        return fail(fmt::format("Google Benchmark does not take {}", arguments[1]),
                    ErrorCode::invalid);
    }
    return {};
}

/// Whether the flags only ask for names.
bool only_lists(const std::vector<std::string>& flags) {
    const std::string value = benchmark_flag(flags, "--benchmark_list_tests", "false");
    return value != "false" && value != "0" && value != "no" && value != "off";
}

/// JSON has no "not a number": what does not exist is left out. In CSV it stays, since every row
/// has every column.
class StrictJson final : public benchmark::JSONReporter {
  public:
    void ReportRuns(const std::vector<Run>& runs) override {
        std::vector<Run> strict = runs;
        for (Run& run : strict)
            std::erase_if(run.counters,
                          [](const auto& counter) { return std::isnan(counter.second.value); });
        benchmark::JSONReporter::ReportRuns(strict);
    }
};

/// Returns how many cases the filter let through.
std::size_t run_registered(const std::vector<std::string>& flags) {
    StrictJson display;
    StrictJson file;
    const bool json = benchmark_flag(flags, "--benchmark_format", "console") == "json";
    const bool json_file = !benchmark_flag(flags, "--benchmark_out", "").empty() &&
                           benchmark_flag(flags, "--benchmark_out_format", "json") == "json";
    return benchmark::RunSpecifiedBenchmarks(json ? &display : nullptr,
                                             json_file ? &file : nullptr);
}

Result<> check_chart(const std::filesystem::path& chart) {
    if (chart.empty() || chart.extension() == ".html" || chart.extension() == ".md") return {};
    return fail(fmt::format("--chart {}: the name must end in .html or .md", chart.string()),
                ErrorCode::invalid);
}

Result<> write_chart(const Benchmarks& benchmarks, const std::filesystem::path& file) {
    std::vector<reports::SweepPoint> points;
    for (const auto& benchmark : benchmarks) {
        if (auto summary = benchmark->summary()) {
            points.push_back({.scenario = benchmark->scenario().name,
                              .parameters = benchmark->scenario().parameters,
                              .summary = std::move(*summary)});
        }
    }
    if (points.empty()) return {};  // nothing ran; that was said
    return write_file(file,
                      file.extension() == ".html" ? reports::sweep_html(points)
                                                  : reports::sweep_markdown(points));
}

int run_benchmarks(const BenchCommand& command,
                   std::vector<Scenario> cases,
                   Guardian& guardian,
                   Interruption& interruption) {
    const std::filesystem::path results =
        command.out.empty()
            ? std::filesystem::path("results") /
                  fmt::format(
                      "bench-{}",
                      result_directory_name(cases.front(), guardian.run()).filename().string())
            : command.out;
    const BenchmarkPlan plan{.guardian = guardian,
                             .interruption = interruption,
                             .seed = command.seed,
                             .results = results,
                             .words = command.words,
                             .show_progress = ::isatty(STDERR_FILENO) == 1};
    benchmark::AddCustomContext("faultline_version", faultline_version);
    benchmark::AddCustomContext("faultline_results", results.string());
    Benchmarks benchmarks;
    for (Scenario& scenario : cases) {
        const int trials = command.trials.value_or(std::max(1, scenario.trials.count));
        benchmarks.push_back(std::make_unique<RecoveryBenchmark>(std::move(scenario), plan));
        register_benchmark(*benchmarks.back(), trials);
    }
    const std::size_t matched = run_registered(command.benchmark_flags);
    benchmark::Shutdown();
    if (matched == 0)
        return complain("--benchmark_filter matches no case; --benchmark_list_tests lists them",
                        exit_code_of(RunOutcome::usage));
    if (only_lists(command.benchmark_flags)) return 0;
    if (!command.chart.empty()) {
        if (auto written = write_chart(benchmarks, command.chart); !written)
            return complain(written.error().message, exit_code_of(RunOutcome::harness_error));
    }
    int code = 0;
    for (const auto& benchmark : benchmarks)
        code = std::max(code, exit_code_of(benchmark->outcome()));
    return code;
}

}  // namespace

int bench(const BenchCommand& command) {
    const auto refuse = [](const Error& error) {
        return complain(error.message, exit_code_of(RunOutcome::usage));
    };
    if (auto chart = check_chart(command.chart); !chart) return refuse(chart.error());
    if (auto ready = initialise(command); !ready) return refuse(ready.error());
    const auto settings = parse_settings(command.set);
    if (!settings) return refuse(settings.error());
    const auto files = find_scenarios(command.files);
    if (!files) return refuse(files.error());
    Loaded loaded = load_all(*files, *settings);
    if (!loaded.diagnostics.empty()) return complain(loaded.diagnostics);

    const bool networks = std::ranges::any_of(loaded.cases, [](const Scenario& scenario) {
        return scenario.isolation != Isolation::process;
    });
    if (networks) {
        // Cases that insist on it and cannot have it say so when they are run.
        if (auto entered = enter_user_namespace_if_needed(); !entered)
            fmt::print(stderr, "faultline: {}\n", entered.error().message);
    }
    auto guardian = Guardian::start(new_run_id());
    if (!guardian)
        return complain(guardian.error().message, exit_code_of(RunOutcome::harness_error));
    Interruption interruption;
    const SignalWatch signals(interruption);
    return run_benchmarks(command, std::move(loaded.cases), **guardian, interruption);
}

}  // namespace faultline::cli
