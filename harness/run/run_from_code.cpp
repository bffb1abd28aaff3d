// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "faultline/harness.hpp"
#include <fmt/format.h>

#include "harness/base/command.hpp"
#include "harness/base/file.hpp"
#include "harness/judge/columns.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/run.hpp"
#include "harness/scenario/load_scenario.hpp"

namespace faultline::harness {
namespace {

namespace fs = std::filesystem;

constexpr const char* text_name = "scenario in code";

Span span_of(double nanoseconds) {
    return Span(static_cast<std::int64_t>(nanoseconds));
}

Injection injection_of(const InjectionRecord& record) {
    const InjectionMeasures& measures = record.measures;
    Injection injection;
    injection.id = record.injection.id;
    injection.fault = record.injection.fault;
    injection.on = record.injection.on;
    injection.effective = record.injection.effect == Effect::confirmed;
    injection.detection_time = measures.detection_time;
    injection.detected_by = measures.detected_by;
    injection.recovery_time = measures.recovery_time;
    injection.masked = measures.masked;
    injection.censored = measures.censored;
    injection.watched_for = measures.observed_for;
    injection.downtime = measures.downtime;
    injection.success_rate = measures.success_rate;
    injection.diagnosis = measures.diagnosis;
    return injection;
}

Trial trial_of(const TrialRecord& record) {
    const TrialMeasured measured = measured_of(record);
    Trial trial;
    trial.number = record.trial;
    trial.control = record.control;
    trial.counts = record.control ? counts_as_control(measured) : counts_as_fault(measured);
    trial.outcome = name_of(record.outcome);
    trial.reason = record.reason;
    if (!trial.counts && trial.reason.empty()) {
        for (const std::string& mark : record.marks)
            trial.reason += (trial.reason.empty() ? "marked " : ", ") + mark;
    }
    for (const InjectionRecord& injection : record.injections)
        trial.injections.push_back(injection_of(injection));
    trial.lost_writes = record.lost_writes;
    trial.stale_reads = record.stale_reads;
    trial.false_detections = record.false_detections;
    return trial;
}

Spread spread_of(const InjectionSummary& injection, const std::string& name) {
    Spread spread;
    const auto found = injection.spans.find(name);
    if (found == injection.spans.end()) return spread;
    const SpanSummary& summary = found->second;
    spread.count = summary.n;
    spread.censored = summary.censored;
    if (summary.p50) spread.p50 = span_of(*summary.p50);
    if (summary.p95) spread.p95 = span_of(*summary.p95);
    if (summary.max) spread.max = span_of(*summary.max);
    return spread;
}

Run run_of(const RunRecord& record, const fs::path& directory) {
    Run run;
    run.scenario = record.scenario_name;
    run.directory = directory.string();
    run.seed = record.seed;
    for (const TrialRecord& trial : record.trials)
        run.trials.push_back(trial_of(trial));
    if (!record.summary) {
        run.error = "the run in " + run.directory + " was not finished";
        return run;
    }
    run.outcome = name_of(record.summary->outcome);
    run.reason = record.summary->reason;
    if (!record.summary->injections.empty()) {
        const InjectionSummary& first = record.summary->injections.front();
        run.detection_time = spread_of(first, "detection_time");
        run.recovery_time = spread_of(first, "recovery_time");
        run.success_rate = first.success_rate.mean;
    }
    for (const ExpectationResult& each : record.summary->expectations)
        run.expectations.push_back(
            {each.text, std::string(name_of(each.verdict)), each.explanation});
    return run;
}

/// The only case, or what is wrong with it.
Result<Scenario> one_case(LoadedScenario loaded, const std::string& name) {
    if (!loaded.diagnostics.empty()) {
        std::string mistakes;
        for (const Diagnostic& diagnostic : loaded.diagnostics)
            mistakes += (mistakes.empty() ? "" : "\n") + format_diagnostic(diagnostic);
        return fail(std::move(mistakes), ErrorCode::invalid);
    }
    if (loaded.cases.size() != 1) {
        return fail(fmt::format("{}: its parameters make {} cases; a run from code is one: give "
                                "them values in Options::set",
                                name,
                                loaded.cases.size()),
                    ErrorCode::invalid);
    }
    return std::move(loaded.cases.front());
}

std::string program_of(const Options& options) {
    const char* const named = std::getenv("FAULTLINE_PROGRAM");  // NOLINT(concurrency-mt-unsafe)
    return named != nullptr && *named != '\0' ? named : options.program;
}

/// The programs beside `faultline`, if that is more than a name in PATH.
fs::path bin_folder_of(const Options& options) {
    if (!options.bin_folder.empty()) return fs::absolute(options.bin_folder);
    const fs::path program = program_of(options);
    return program.has_parent_path() ? fs::absolute(program.parent_path()) : fs::path{};
}

fs::path directory_of(const Scenario& scenario, const Options& options, const std::string& id) {
    return options.results.empty() ? result_directory_name(scenario, id)
                                   : fs::path(options.results);
}

/// How many threads this process has.
std::size_t thread_count() {
    std::error_code error;
    const fs::directory_iterator tasks("/proc/self/task", error);
    return error ? 1 : static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

Result<Run> run_here(const Scenario& scenario, const Options& options) {
    if (const std::size_t threads = thread_count(); threads > 1) {
        return fail(
            fmt::format("this process has {} threads; Where::this_process forks and needs "
                        "to be the only one: use Where::program",
                        threads));
    }
    const std::string id = new_run_id();
    RunOptions run_options;
    run_options.trials = options.trials;
    run_options.control = options.control;
    run_options.seed = options.seed;
    run_options.directory = directory_of(scenario, options, id);
    run_options.bin_folder = bin_folder_of(options);
    FL_TRY(auto guardian, Guardian::start(id));
    Interruption interruption;
    FL_TRY(const RunRecord record,
           run_scenario(scenario, run_options, *guardian, interruption, {}));
    return run_of(record, run_options.directory);
}

std::vector<std::string> command_line(const fs::path& file,
                                      const Scenario& scenario,
                                      const Options& options,
                                      const fs::path& directory) {
    std::vector<std::string> words{program_of(options), "run", file.string()};
    const auto add = [&words](std::string option, std::string value) {
        words.push_back(std::move(option));
        words.push_back(std::move(value));
    };
    add("--out", directory.string());
    add("--format", "none");
    add("--trials", std::to_string(options.trials.value_or(scenario.trials.count)));
    add("--control", std::to_string(options.control.value_or(scenario.trials.control)));
    if (options.seed) add("--seed", std::to_string(*options.seed));
    if (!options.bin_folder.empty()) add("--bin-dir", fs::absolute(options.bin_folder).string());
    for (const auto& [name, value] : options.set)
        add("--set", name + "=" + value);
    return words;
}

Result<Run> run_by_program(const fs::path& file, const Scenario& scenario, const Options& options) {
    const fs::path directory = directory_of(scenario, options, new_run_id());
    Command command{.words = command_line(file, scenario, options, directory)};
    command.timeout = options.patience;
    auto ended = run_command(command);
    if (!ended)
        return in_context(
            "running scenarios (set FAULTLINE_PROGRAM, or Options::program, to where faultline is)",
            ended.error());
    if (ended->timed_out)
        return fail(
            "the run took longer than Options::patience and was ended; see " + directory.string(),
            ErrorCode::timeout);
    auto record = read_run(directory);
    if (record) return run_of(*record, directory);
    return fail(ended->error_output.empty() ? record.error().message : ended->error_output);
}

Run shown(Result<Run> run) {
    if (run) return std::move(*run);
    Run failed;
    failed.error = run.error().message;
    return failed;
}

Result<Run> run_named(const std::string& file, const Options& options) {
    FL_TRY(const Scenario scenario,
           one_case(load_scenario(file, full_catalog(), {.set = options.set}), file));
    return options.where == Where::program ? run_by_program(file, scenario, options)
                                           : run_here(scenario, options);
}

/// A file that the program can read, gone afterwards.
class TextFile {
  public:
    static Result<TextFile> write(const std::string& text) {
        std::string folder = (fs::temp_directory_path() / "faultline-code-XXXXXX").string();
        if (::mkdtemp(folder.data()) == nullptr)
            return fail_errno("making a folder for a scenario", errno);
        TextFile file(folder);
        FL_TRY_VOID(write_file(file.path(), text));
        return file;
    }
    TextFile(TextFile&& other) noexcept : folder_(std::exchange(other.folder_, {})) {}
    TextFile& operator=(TextFile&&) = delete;
    ~TextFile() {
        if (!folder_.empty()) static_cast<void>(remove_tree(folder_));  // in /tmp, a few bytes
    }
    [[nodiscard]] fs::path path() const { return folder_ / "scenario.json"; }

  private:
    explicit TextFile(fs::path folder) : folder_(std::move(folder)) {}
    fs::path folder_;
};

Result<Run> run_written(const std::string& json, const Options& options) {
    FL_TRY(const Scenario scenario,
           one_case(load_scenario_text(
                        json, fs::current_path() / text_name, full_catalog(), {.set = options.set}),
                    text_name));
    if (options.where == Where::this_process) return run_here(scenario, options);
    // As resolved, so that "extends" and the parameters are settled already.
    FL_TRY(const TextFile file, TextFile::write(scenario.resolved_json));
    Options settled = options;
    settled.set.clear();
    return run_by_program(file.path(), scenario, settled);
}

}  // namespace

Run run_file(const std::string& file, const Options& options) {
    return shown(run_named(file, options));
}

Run run_text(const std::string& json, const Options& options) {
    return shown(run_written(json, options));
}

}  // namespace faultline::harness
