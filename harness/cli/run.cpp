// SPDX-License-Identifier: Apache-2.0
#include "harness/run/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/live_line.hpp"
#include "harness/cli/signal_watch.hpp"
#include "harness/launch/network_rights.hpp"
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
    LoadedScenario loaded =
        load_scenario_text(record.scenario_json, record.scenario_file, full_catalog());
    diagnostics = std::move(loaded.diagnostics);
    std::vector<Job> jobs;
    if (!diagnostics.empty()) return jobs;
    Job job{std::move(loaded.cases.front()), {}};
    job.scenario.parameters = record.parameters;
    job.options.directory = command.resume;
    job.options.resume = true;
    jobs.push_back(std::move(job));
    return jobs;
}

int run_job(Job& job, const RunCommand& command, Guardian& guardian, Interruption& interruption) {
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
    if (!quiet) {
        observer.on_progress = [&](const TrialProgress& progress) { live.show(progress); };
        observer.on_trial = [&](const TrialRecord& trial, int done, int asked) {
            live.trial_done(trial, done, asked);
        };
    }
    auto record = run_scenario(job.scenario, job.options, guardian, interruption, observer);
    live.erase();
    if (!record) return complain(record.error().message, exit_code_of(RunOutcome::harness_error));
    if (auto written = write_reports(*record, job.options.directory); !written) {
        return complain(written.error().message, exit_code_of(RunOutcome::harness_error));
    }
    if (!quiet) fmt::print("\n");
    if (auto printed = print_run(*record, command.format, job.options.directory); !printed) {
        return complain(printed.error().message, exit_code_of(RunOutcome::usage));
    }
    return exit_code_of(record->summary->outcome);
}

/// For scenarios whose instances may get networks of their own. Errors: one insists, and the
/// machine does not permit it.
/// Requires: no thread runs yet.
Result<> take_network_rights(const std::vector<Job>& jobs) {
    const auto any = [&jobs](auto condition) {
        return std::any_of(jobs.begin(), jobs.end(), [&](const Job& job) {
            return condition(job.scenario.isolation);
        });
    };
    if (!any([](Isolation isolation) { return isolation != Isolation::process; })) return {};
    const auto entered = enter_user_namespace_if_needed();
    if (entered || !any([](Isolation isolation) { return isolation == Isolation::netns; }))
        return {};
    return in_context("isolation \"netns\"", entered.error());
}

}  // namespace

int run(const RunCommand& command) {
    Diagnostics diagnostics;
    const std::string id = new_run_id();
    auto jobs = command.resume.empty() ? jobs_of_files(command, id, diagnostics)
                                       : job_of_directory(command, diagnostics);
    if (!jobs) return complain(jobs.error().message, exit_code_of(RunOutcome::usage));
    if (!diagnostics.empty()) return complain(diagnostics);

    if (auto rights = take_network_rights(*jobs); !rights)
        return complain(rights.error().message, exit_code_of(RunOutcome::harness_error));
    auto guardian = Guardian::start(id);
    if (!guardian)
        return complain(guardian.error().message, exit_code_of(RunOutcome::harness_error));
    Interruption interruption;
    const SignalWatch signals(interruption);
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
        job.options.command = command.words;
        code = worse(run_job(job, command, **guardian, interruption), code);
    }
    return code;
}

}  // namespace faultline::cli
