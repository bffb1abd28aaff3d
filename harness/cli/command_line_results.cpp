// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/command_line.hpp"
#include "reports/renderer.hpp"

namespace faultline::cli {
namespace {

const std::vector<std::string> comparison_formats{"html", "json", "markdown", "terminal"};
const std::vector<std::string> table_formats{"json", "markdown", "terminal"};

void add_store(CLI::App& sub, std::string& store) {
    sub.add_option("--store", store, store_help)->type_name("STORE");
}

void add_format(CLI::App& sub, std::string& format, const std::vector<std::string>& names) {
    sub.add_option("--format", format, "What to print")
        ->check(CLI::IsMember(names))
        ->capture_default_str();
}

void add_compare(CLI::App& app, CompareCommand& command, std::function<int()>& chosen) {
    CLI::App* sub = add(app,
                        "compare",
                        "Say what became better or worse between two runs, and how sure that is",
                        compare,
                        command,
                        chosen);
    sub->add_option("base", command.base, "Result directory, or the id of a stored run")
        ->required();
    sub->add_option("head", command.head, "The run to judge against it")->required();
    sub->add_option("--effect", command.effect, "The smallest change that counts")
        ->capture_default_str();
    sub->add_option("--confidence", command.confidence, "Of the intervals and the tests")
        ->capture_default_str();
    sub->add_option("--measure", command.measures, "Only these (default: all that both have)");
    sub->add_flag("--anyway",
                  command.anyway,
                  "Compare although scenarios or machines differ; the output says so");
    add_format(*sub, command.format, comparison_formats);
    add_store(*sub, command.store);
    sub->footer(
        "Exit codes: 0 nothing is worse, 1 worse, 2 usage or not comparable, 3 inconclusive");
}

void add_gate(CLI::App& app, GateCommand& command, std::function<int()>& chosen) {
    CLI::App* sub = add(app,
                        "gate",
                        "Run scenarios until it is clear whether this build is worse than a base",
                        gate,
                        command,
                        chosen);
    sub->add_option("files", command.files, "Scenario files, or folders of them")
        ->required()
        ->type_name("FILE");
    sub->add_option(
           "--baseline", command.baseline, "Result directory of the base, or a folder of them")
        ->type_name("DIR");
    sub->add_option("--base-bin-dir",
                    command.base_bin_dir,
                    "Programs of the base build: ${bin} in its trials, which take turns with ours")
        ->type_name("DIR");
    sub->add_option("--bin-dir",
                    command.bin_dir,
                    "Programs of the build to judge (default: beside faultline)")
        ->type_name("DIR");
    sub->add_option("--set", command.set, set_help)
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    sub->add_option("--effect", command.effect, "The smallest worsening that counts")
        ->capture_default_str();
    sub->add_option("--alarm", command.alarm, "How often a build that is no worse may fail")
        ->capture_default_str();
    sub->add_option(
           "--measure",
           command.measures,
           "What must not be worse (default: recovery_time, and detection_time where it is "
           "measured)")
        ->allow_extra_args(false);
    sub->add_option("--max-trials", command.max_trials, "Of each build; fewer where they suffice")
        ->check(CLI::Range(5, 100'000))
        ->capture_default_str();
    sub->add_option("--seed", command.seed, "Repeats the choices and the jitter of another gate");
    sub->add_option("--out", command.out, "Folder for the runs (default: results/gate-<time>-<id>)")
        ->type_name("DIR");
    sub->add_flag("--anyway",
                  command.anyway,
                  "Compare although the baseline is of another machine or scenario, or no program "
                  "comes from ${bin}");
    add_format(*sub, command.format, comparison_formats);
    add_store(*sub, command.store);
    sub->footer(
        "Exit codes: 0 not worse, 1 worse, 2 usage, 3 inconclusive after the most trials, 4 "
        "unhealthy, "
        "5 ineffective, 6 harness error, 130 interrupted. In CI: ci/gate and ci/README.md.");
}

void add_history(CLI::App& app, ResultCommands& commands, std::function<int()>& chosen) {
    CLI::App* sub =
        add(app, "history", "List the runs that were made", history, commands.history, chosen);
    sub->add_option("scenario", commands.history.scenario, "Only runs of this scenario");
    sub->add_option("--last", commands.history.last, "How many")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    add_format(*sub, commands.history.format, table_formats);
    add_store(*sub, commands.history.store);
    CLI::App* import = add(*sub,
                           "import",
                           "Take runs from result directories into the store",
                           history_import,
                           commands.history_import,
                           chosen);
    import
        ->add_option("directories",
                     commands.history_import.directories,
                     "Result directories, or folders of them")
        ->required()
        ->type_name("DIR");
    import->add_flag("--rebuild", commands.history_import.rebuild, "Empty the store before");
    add_store(*import, commands.history_import.store);
    import->callback([&commands, &chosen] {
        chosen = [&commands] {
            HistoryImportCommand command = commands.history_import;
    if (command.store.empty()) command.store = commands.history.store;  // written before "import"
    return history_import(command);
};
}  // namespace
);
sub->footer(
    "Examples:\n"
    "  faultline history                        the last 20 runs\n"
    "  faultline history pair-crash --last 5    of one scenario\n"
    "  faultline history import results         take earlier runs into the store");
}  // namespace faultline::cli

void add_trend(CLI::App& app, TrendCommand& command, std::function<int()>& chosen) {
    CLI::App* sub =
        add(app, "trend", "Show a measure of a scenario from run to run", trend, command, chosen);
    sub->add_option("scenario", command.scenario, "Name of the scenario")->required();
    sub->add_option("--measure", command.measure, "Which")->capture_default_str();
    sub->add_option("--last", command.last, "How many runs")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    add_format(*sub, command.format, table_formats);
    add_store(*sub, command.store);
    sub->footer(
        "A measure is a name and a statistic, as in expectations: recovery_time.p95, "
        "success_rate.mean,\n"
        "recovered, lost_writes.total, second.detection_time.p50 (of the injection \"second\").\n\n"
        "Example:\n  faultline trend pair-crash --measure recovery_time.p95");
}

void add_serve(CLI::App& app, ServeCommand& command, std::function<int()>& chosen) {
    CLI::App* sub =
        add(app,
            "serve",
            "Show the runs below a folder in a browser, with those under way; read-only",
            serve,
            command,
            chosen);
    sub->add_option("directory", command.directory, "Folder of result directories")
        ->type_name("DIR")
        ->capture_default_str();
    sub->add_option("--host", command.host, "Where it listens; a loopback address")
        ->capture_default_str();
    sub->add_option("--port", command.port, "0: any")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
}

void add_bench(CLI::App& app, BenchCommand& command, std::function<int()>& chosen) {
    CLI::App* sub = add(app,
                        "bench",
                        "Measure recovery latency with Google Benchmark, each trial an iteration",
                        bench,
                        command,
                        chosen);
    sub->add_option("files", command.files, "Scenario files, or folders of them")
        ->required()
        ->type_name("FILE");
    sub->add_option("--set", command.set, set_help)->type_name("NAME=VALUE");
    sub->add_option("--trials", command.trials, "Trials of each case, over the scenario's own")
        ->check(CLI::Range(1, 1'000'000));
    sub->add_option("--seed", command.seed, "Repeats the choices and the jitter of another run");
    sub->add_option("--chart", command.chart, "Draw a sweep into this .html or .md file")
        ->type_name("FILE");
    sub->add_option("--out",
                    command.out,
                    "Folder for the runs (default: results/bench-<scenario>-<time>-<id>)")
        ->type_name("DIR");
    sub->allow_extras();
    sub->callback([&command, sub, &chosen] {
        command.benchmark_flags = sub->remaining();
        chosen = [&command] { return bench(command); };
    });
    sub->footer(
        "Flags of Google Benchmark (--benchmark_format=json, --benchmark_out=FILE, ...) are passed "
        "on.\n"
        "Its compare.py works on the output. With --trials 1 --benchmark_repetitions=20 every "
        "trial is a\n"
        "sample of its U test and of the aggregates.\n"
        "A trial that never recovered counts as long as it was watched: see the counter "
        "\"censored\".\n\n"
        "Example:\n"
        "  faultline bench scenarios/core/heartbeat-sweep.json --trials 5 --chart sweep.html");
}

}  // namespace

void add_result_commands(CLI::App& app,
                         ResultCommands& commands,
                         std::function<int()>& chosen,
                         const std::vector<std::string>& words) {
    commands.gate.words = words;
    commands.bench.words = words;
    add_compare(app, commands.compare, chosen);
    add_gate(app, commands.gate, chosen);
    add_history(app, commands, chosen);
    add_trend(app, commands.trend, chosen);
    add_serve(app, commands.serve, chosen);
    add_bench(app, commands.bench, chosen);
}

}  // namespace faultline::cli
