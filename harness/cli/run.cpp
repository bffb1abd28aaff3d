// SPDX-License-Identifier: Apache-2.0
#include "harness/run/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/live_line.hpp"
#include "harness/cli/live_metrics.hpp"
#include "harness/cli/network_need.hpp"
#include "harness/cli/notify.hpp"
#include "harness/cli/run_store.hpp"
#include "harness/cli/signal_watch.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/run/catalog.hpp"
#include "harness/scenario/load_scenario.hpp"

namespace faultline::cli {
namespace {

/// The more serious of two ends of runs; the invocation ends like its worst run.
int worse(int a, int b) {
    const auto rank = [](int code) {
        switch (code) {
            case 130:
                return 7;
            case 6:
                return 6;
            case 5:
                return 5;
            case 4:
                return 4;
            case 1:
                return 3;
            case 3:
                return 2;
            default:
                return code == 0 ? 0 : 1;
        }
    };
    return rank(a) >= rank(b) ? a : b;
}

/// One scenario case and where its results go.
struct Job {
    Scenario scenario;
    RunOptions options;
};

Result<std::vector<Job>> jobs_of_files(const RunCommand& command,
                                       const std::string& run,
                                       Diagnostics& diagnostics) {
    if (command.files.empty())
        return fail("name a scenario file or folder; see faultline run --help", ErrorCode::invalid);
    FL_TRY(const auto settings, parse_settings(command.set));
    FL_TRY(const auto files, find_scenarios(command.files));
    Loaded loaded = load_all(files, settings);
    diagnostics = std::move(loaded.diagnostics);
    std::vector<Job> jobs;
    for (Scenario& scenario : loaded.cases) {
        Job job{std::move(scenario), {}};
        const auto name = result_directory_name(job.scenario, run);
        if (command.out.empty()) {
            job.options.directory = name;
        } else {
            job.options.directory =
                loaded.cases.size() == 1 ? command.out : command.out / name.filename();
        }
        jobs.push_back(std::move(job));
    }
    return jobs;
}

Result<std::vector<Job>> job_of_directory(const RunCommand& command, Diagnostics& diagnostics) {
    if (!command.files.empty())
        return fail("--resume takes the scenario from the result directory; leave the files out",
                    ErrorCode::invalid);
    FL_TRY(RunRecord record, read_run(command.resume));
    FL_TRY(const auto settings, parse_settings(command.set));
    LoadedScenario loaded = load_scenario_text(
        record.scenario_json, record.scenario_file, full_catalog(), {.set = settings});
    diagnostics = std::move(loaded.diagnostics);
    std::vector<Job> jobs;
    if (!diagnostics.empty()) return jobs;
    // As it was recorded, through the same hands: its layout is the record's.
    const LoadedScenario recorded =
        load_scenario_text(record.scenario_json, record.scenario_file, full_catalog());
    if (!settings.empty() && (recorded.cases.empty() || loaded.cases.front().resolved_json !=
                                                            recorded.cases.front().resolved_json)) {
        return fail("--set beside --resume may give back masked secrets and change nothing else",
                    ErrorCode::invalid);
    }
    Job job{std::move(loaded.cases.front()), {}};
    job.scenario.parameters = record.parameters;
    job.options.directory = command.resume;
    job.options.resume = true;
    jobs.push_back(std::move(job));
    return jobs;
}

/// Errors: a scenario from a result directory, whose secrets are masked.
Result<> check_secrets(const std::vector<Job>& jobs) {
    for (const Job& job : jobs) {
        const auto& missing = job.scenario.secrets_missing;
        if (missing.empty()) continue;
        std::string remedy;
        for (const std::string& pointer : missing)
            remedy += fmt::format("\n  --set '{}=VALUE'", pointer);
        return fail(
            fmt::format("secrets of {} are masked in this scenario; give their values "
                        "again:{}\nWritten as \"${{env.VARIABLE}}\", a secret is taken from "
                        "the environment each time.",
                        job.scenario.name,
                        remedy),
            ErrorCode::invalid);
    }
    return {};
}

Subscribers subscribers_of(const RunCommand& command) {
    return {.webhooks = command.notify_webhooks, .commands = command.notify_commands};
}

/// A notification that does not arrive says nothing about the run: the exit code stays.
void tell_subscribers(const RunCommand& command, const Notification& notification) {
    for (const std::string& trouble : notify(subscribers_of(command), notification))
        fmt::print(stderr, "faultline: warning: not notified: {}\n", trouble);
}

/// The run could not be recorded.
int end_with_error(const Job& job, const RunCommand& command, const Error& error) {
    const std::string reason = job.scenario.secrets.mask(error.message);
    std::map<std::string, std::string> parameters = job.scenario.parameters;
    for (auto& [name, value] : parameters)
        value = job.scenario.secrets.mask(value);
    tell_subscribers(command,
                     {.scenario = job.scenario.name,
                      .parameters = std::move(parameters),
                      .reason = reason,
                      .directory = job.options.directory,
                      .command = job.options.command});
    return complain(reason, exit_code_of(RunOutcome::harness_error));
}

/// Null `metrics`: nobody asked for them.
int run_job(Job& job,
            const RunCommand& command,
            Guardian& guardian,
            Interruption& interruption,
            LiveMetrics* metrics) {
    const bool quiet = command.format != "terminal";
    LiveLine live(find_console());
    if (!quiet) {
        fmt::print("{}{}{}\n",
                   job.scenario.name,
                   job.scenario.about.empty() ? "" : ": ",
                   job.scenario.about);
        for (const auto& [name, value] : job.scenario.parameters)
            fmt::print("  {} = {}\n", name, value);
    }
    RunObserver observer;
    if (metrics != nullptr) metrics->begin(job.scenario, guardian.run());
    if (!quiet || metrics != nullptr) {
        observer.on_progress = [&](const TrialProgress& progress) {
            if (!quiet) live.show(progress);
            if (metrics != nullptr) metrics->progress(progress);
        };
        observer.on_trial = [&](const TrialRecord& trial, int done, int asked) {
            if (!quiet) live.trial_done(trial, done, asked);
            if (metrics != nullptr) metrics->trial_done(trial, done, asked);
        };
    }
    auto record = run_scenario(job.scenario, job.options, guardian, interruption, observer);
    live.erase();
    if (!record) return end_with_error(job, command, record.error());
    if (auto written = write_reports(*record, job.options.directory); !written)
        return end_with_error(job, command, written.error());
    remember_run(*record, job.options.directory, command.store);
    if (!quiet) fmt::print("\n");
    if (auto printed = print_run(*record, command.format, job.options.directory); !printed) {
        return complain(printed.error().message, exit_code_of(RunOutcome::usage));
    }
    tell_subscribers(command, notification_of(*record, job.options.directory));
    return exit_code_of(record->summary->outcome);
}

}  // namespace

int run(const RunCommand& command) {
    Diagnostics diagnostics;
    const std::string id = new_run_id();
    auto jobs = command.resume.empty() ? jobs_of_files(command, id, diagnostics)
                                       : job_of_directory(command, diagnostics);
    if (!jobs) return complain(jobs.error().message, exit_code_of(RunOutcome::usage));
    if (!diagnostics.empty()) return complain(diagnostics);
    if (auto known = check_secrets(*jobs); !known)
        return complain(known.error().message, exit_code_of(RunOutcome::usage));
    if (auto told = check_subscribers(subscribers_of(command)); !told)
        return complain(told.error().message, exit_code_of(RunOutcome::usage));

    std::vector<const Scenario*> scenarios;
    for (const Job& job : *jobs)
        scenarios.push_back(&job.scenario);
    if (auto rights = take_network_rights(scenarios); !rights)
        return complain(rights.error().message, exit_code_of(RunOutcome::harness_error));
    auto guardian = Guardian::start(id);
    if (!guardian)
        return complain(guardian.error().message, exit_code_of(RunOutcome::harness_error));
    Interruption interruption;
    const SignalWatch signals(interruption);
    std::unique_ptr<LiveMetrics> metrics;
    if (command.metrics_port) {
        auto started = LiveMetrics::start(static_cast<std::uint16_t>(*command.metrics_port));
        if (!started) {
            return complain("--metrics-port: " + started.error().message,
                            exit_code_of(RunOutcome::harness_error));
        }
        metrics = std::move(*started);
        fmt::print(stderr, "faultline: metrics of this run: {}\n", metrics->url());
    }
    int code = 0;
    for (Job& job : *jobs) {
        if (interruption.requested()) {
            code = exit_code_of(RunOutcome::interrupted);
            break;
        }
        job.options.trials = command.trials;
        job.options.control = command.control;
        job.options.seed = command.seed;
        job.options.jobs = command.jobs;
        job.options.fail_fast = command.fail_fast;
        job.options.keep_data = command.keep_data;
        if (!command.bin_dir.empty())
            job.options.bin_folder = std::filesystem::absolute(command.bin_dir);
        job.options.command = words_without_passwords(command.words);
        for (std::string& word : job.options.command)
            word = job.scenario.secrets.mask(word);
        code = worse(run_job(job, command, **guardian, interruption, metrics.get()), code);
    }
    return code;
}

}  // namespace faultline::cli
