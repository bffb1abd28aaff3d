// SPDX-License-Identifier: Apache-2.0
#include "harness/run/gate.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/cli/baseline.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/gate_report.hpp"
#include "harness/cli/live_line.hpp"
#include "harness/cli/network_need.hpp"
#include "harness/cli/run_store.hpp"
#include "harness/cli/signal_watch.hpp"
#include "harness/run/run.hpp"

namespace faultline::cli {
namespace {

/// The worst end decides; a broken trial says nothing about the build, so it comes first.
constexpr std::array seriousness{RunOutcome::pass,
                                 RunOutcome::inconclusive,
                                 RunOutcome::fail,
                                 RunOutcome::unhealthy,
                                 RunOutcome::ineffective,
                                 RunOutcome::harness_error,
                                 RunOutcome::interrupted};

RunOutcome more_serious(RunOutcome a, RunOutcome b) {
    const auto rank = [](RunOutcome outcome) { return std::ranges::find(seriousness, outcome); };
    return rank(a) >= rank(b) ? a : b;
}

/// The share that flag `name` gives. Errors: not a share, 0, or `most` and more.
Result<double> share_of(const char* name, const std::string& text, double most) {
    auto share = parse_share(text);
    if (!share) return in_context(name, share.error());
    if (*share <= 0 || *share >= most) {
        return fail(
            fmt::format(
                "{} {}: give more than 0 % and less than {}", name, text, format_share(most)),
            ErrorCode::invalid);
    }
    return *share;
}

Result<std::filesystem::path> folder_of(const char* name, const std::filesystem::path& path) {
    if (path.empty()) return path;
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
        return fail(fmt::format("{} {}: there is no such folder", name, path.string()),
                    ErrorCode::not_found);
    }
    return std::filesystem::absolute(path).lexically_normal();
}

/// A scenario case and what it is compared with.
struct GateJob {
    Scenario scenario;
    GateOptions options{};
};

struct GatePlan {
    std::vector<GateJob> jobs{};
    GateReport report{};
    std::filesystem::path folder{};
};

Result<> check_base(const GateCommand& command) {
    if (command.baseline.empty() == command.base_bin_dir.empty()) {
        return fail(
            "say what to compare with, one of: --base-bin-dir DIR, the programs of the base "
            "build, which then take turns with these; or --baseline DIR, results measured before",
            ErrorCode::invalid);
    }
    return {};
}

/// A gate that compares a thing with itself is always green.
Result<> check_use_of_bin(const Scenario& scenario, const GateCommand& command) {
    const bool builds = !command.base_bin_dir.empty() || !command.bin_dir.empty();
    if (!builds || command.anyway || scenario.resolved_json.find("${bin}") != std::string::npos)
        return {};
    return fail(fmt::format("{}: scenario \"{}\" starts nothing from ${{bin}}, so both builds are "
                            "the same programs; write \"${{bin}}/program\" in its commands",
                            scenario.file.string(),
                            scenario.name),
                ErrorCode::invalid);
}

Result<> take_baseline(GateJob& job, const GateCommand& command, GatePlan& plan) {
    if (command.baseline.empty()) return {};
    FL_TRY(Baseline baseline, find_baseline(command.baseline, job.scenario));
    FL_TRY(const std::vector<std::string> notes,
           check_alike(baseline, job.scenario, command.anyway));
    plan.report.notes.insert(plan.report.notes.end(), notes.begin(), notes.end());
    job.options.rules.base_fixed = baseline.counted;
    job.options.baseline = std::move(baseline.run);
    job.options.baseline_directory = std::move(baseline.directory);
    return {};
}

std::string folder_name(const Scenario& scenario) {
    std::string name = scenario.name;
    for (const auto& [parameter, value] : scenario.parameters)
        name += fmt::format("-{}={}", parameter, value);
    std::ranges::replace(name, '/', '_');
    return name;
}

Result<std::vector<Scenario>> load_cases(const GateCommand& command, Diagnostics& diagnostics) {
    FL_TRY(const auto settings, parse_settings(command.set));
    FL_TRY(const auto files, find_scenarios(command.files));
    Loaded loaded = load_all(files, settings);
    diagnostics = std::move(loaded.diagnostics);
    return std::move(loaded.cases);
}

Result<GatePlan> plan_gate(const GateCommand& command,
                           const std::string& id,
                           Diagnostics& diagnostics) {
    FL_TRY_VOID(check_base(command));
    GatePlan plan;
    FL_TRY(plan.report.effect, share_of("--effect", command.effect, 1));
    FL_TRY(plan.report.alarm, share_of("--alarm", command.alarm, 0.5));
    FL_TRY(const auto base_bin, folder_of("--base-bin-dir", command.base_bin_dir));
    FL_TRY(const auto head_bin, folder_of("--bin-dir", command.bin_dir));
    plan.report.miss = GateRules{}.miss;
    plan.report.trials_max = static_cast<std::size_t>(command.max_trials);
    FL_TRY(std::vector<Scenario> cases, load_cases(command, diagnostics));
    if (!diagnostics.empty()) return plan;
    plan.folder =
        command.out.empty() ? result_directory_name(Scenario{.name = "gate"}, id) : command.out;
    for (Scenario& scenario : cases) {
        GateJob job{std::move(scenario)};
        FL_TRY_VOID(check_use_of_bin(job.scenario, command));
        FL_TRY(job.options.measures, gate_measures(job.scenario, command.measures));
        job.options.rules = {.effect = plan.report.effect,
                             // Any alarm of any scenario fails the gate.
                             .alarm = plan.report.alarm / static_cast<double>(cases.size()),
                             .miss = plan.report.miss,
                             .trials_max = plan.report.trials_max};
        FL_TRY_VOID(take_baseline(job, command, plan));
        job.options.base_bin_folder = base_bin;
        job.options.bin_folder = head_bin;
        job.options.seed = command.seed;
        job.options.directory = plan.folder / folder_name(job.scenario);
        job.options.command = words_without_passwords(command.words);
        plan.jobs.push_back(std::move(job));
    }
    return plan;
}

GateObserver observer_on(LiveLine& live) {
    GateObserver observer;
    observer.on_progress = [&live](const TrialProgress& progress) { live.show(progress); };
    observer.on_trial = [&live](GateSide side, const TrialRecord& trial) {
        live.erase();
        fmt::print("{}  ", name_of(side));
        live.trial_done(trial, 0, 0);
    };
    observer.on_look = [&live](std::size_t look, std::size_t trials, GateState state) {
        live.erase();
        fmt::print("look {} after {} trials of each: {}\n", look, trials, name_of(state));
    };
    return observer;
}

Result<ScenarioGate> run_job(const GateJob& job,
                             bool quiet,
                             Guardian& guardian,
                             Interruption& interruption) {
    if (quiet) return run_gate(job.scenario, job.options, guardian, interruption, {});
    fmt::print(
        "{}{}{}\n", job.scenario.name, job.scenario.about.empty() ? "" : ": ", job.scenario.about);
    LiveLine live(find_console());
    return run_gate(job.scenario, job.options, guardian, interruption, observer_on(live));
}

Result<> write_runs(const ScenarioGate& gate) {
    FL_TRY_VOID(write_reports(*gate.head, gate.head_directory));
    if (!gate.interleaved) return {};
    return write_reports(*gate.base, gate.base_directory);
}

void print_gate(const GateReport& report, const std::string& format) {
    const Console console = find_console();
    if (format == "json") {
        fmt::print("{}", gate_json(report));
    } else if (format == "markdown") {
        fmt::print("{}", gate_markdown(report));
    } else if (format == "html") {
        fmt::print("{}", gate_html(report));
    } else {
        fmt::print("\n{}", gate_terminal(report, console.colour, console.width));
    }
}

}  // namespace

int gate(const GateCommand& command) {
    const int harness_error = exit_code_of(RunOutcome::harness_error);
    Diagnostics diagnostics;
    const std::string id = new_run_id();
    auto plan = plan_gate(command, id, diagnostics);
    if (!plan) return complain(plan.error().message, exit_code_of(RunOutcome::usage));
    if (!diagnostics.empty()) return complain(diagnostics);
    std::vector<const Scenario*> scenarios;
    for (const GateJob& job : plan->jobs)
        scenarios.push_back(&job.scenario);
    if (auto rights = take_network_rights(scenarios); !rights)
        return complain(rights.error().message, harness_error);
    auto guardian = Guardian::start(id);
    if (!guardian) return complain(guardian.error().message, harness_error);
    Interruption interruption;
    const SignalWatch signals(interruption);
    for (const GateJob& job : plan->jobs) {
        auto gate = run_job(job, command.format != "terminal", **guardian, interruption);
        if (!gate) return complain(gate.error().message, harness_error);
        if (auto written = write_runs(*gate); !written)
            return complain(written.error().message, harness_error);
        // The base's numbers are not news: a trend is of what is judged.
        remember_run(*gate->head, gate->head_directory, command.store);
        plan->report.outcome = more_serious(plan->report.outcome, gate->outcome);
        plan->report.scenarios.push_back(*std::move(gate));
        if (interruption.requested()) {
            plan->report.outcome = RunOutcome::interrupted;
            break;
        }
    }
    if (auto written = write_gate(plan->report, plan->folder); !written)
        return complain(written.error().message, harness_error);
    print_gate(plan->report, command.format);
    return exit_code_of(plan->report.outcome);
}

}  // namespace faultline::cli
