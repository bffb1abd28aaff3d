// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"
#include "harness/base/units.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/run_store.hpp"
#include "harness/result/run_mismatch.hpp"
#include "harness/run/catalog.hpp"
#include "harness/scenario/load_scenario.hpp"
#include "reports/comparison_renderer.hpp"

namespace faultline::cli {
namespace {

/// "10%" as 0.1; something above nothing and below all.
Result<double> parse_open_share(const std::string& flag, const std::string& text) {
    auto share = parse_share(text);
    if (!share) return in_context(flag, share.error());
    if (*share > 0 && *share < 1) return *share;
    return fail(fmt::format("{} {}: must lie above 0 % and below 100 %", flag, text),
                ErrorCode::invalid);
}

Result<ComparisonOptions> parse_options(const CompareCommand& command) {
    ComparisonOptions options;
    FL_TRY(options.effect, parse_open_share("--effect", command.effect));
    FL_TRY(options.confidence, parse_open_share("--confidence", command.confidence));
    options.measures = command.measures;
    return options;
}

/// The scenario as the head ran it.
Result<Scenario> scenario_of(const RunRecord& run, const std::string& given) {
    LoadedScenario loaded =
        load_scenario_text(run.scenario_json, run.scenario_file, full_catalog());
    if (loaded.diagnostics.empty() && !loaded.cases.empty()) return loaded.cases.front();
    std::string message =
        fmt::format("the scenario kept in {} is not valid for this version", given);
    if (!loaded.diagnostics.empty())
        message += ": " + format_diagnostic(loaded.diagnostics.front());
    return fail(std::move(message), ErrorCode::invalid);
}

Result<> check_measures(const Scenario& scenario, const std::vector<std::string>& asked) {
    std::vector<std::string> known = comparable_measures(scenario);
    for (const std::string& name : asked) {
        if (std::ranges::find(known, name) == known.end())
            return fail(
                fmt::format(
                    "--measure {}: there is no such measure{}", name, suggestion(name, known)),
                ErrorCode::invalid);
    }
    return {};
}

Result<> check_alike(const std::vector<Mismatch>& mismatches, bool anyway) {
    if (anyway || !any_serious(mismatches)) return {};
    std::string message = "these runs cannot be compared, for they differ in more than was tested:";
    for (const Mismatch& mismatch : mismatches) {
        if (!mismatch.serious) continue;
        message += fmt::format("\n  {}", mismatch.what);
        if (!mismatch.base.empty() || !mismatch.head.empty())
            message +=
                fmt::format(": {} in the base, {} in the head", mismatch.base, mismatch.head);
    }
    message +=
        "\ncompare runs of one scenario on one kind of machine, or say --anyway to compare "
        "these all the same";
    return fail(std::move(message), ErrorCode::invalid);
}

std::vector<TrialMeasured> measured(const RunRecord& run) {
    std::vector<TrialMeasured> trials;
    trials.reserve(run.trials.size());
    for (const TrialRecord& trial : run.trials)
        trials.push_back(measured_of(trial));
    return trials;
}

/// The larger of both runs' errors: what neither instrument could tell.
void take_instrument_errors(const RunRecord& base,
                            const RunRecord& head,
                            ComparisonOptions& options) {
    options.detection_error = std::max(base.instrument.detection_error_p99.value_or(0),
                                       head.instrument.detection_error_p99.value_or(0));
    options.recovery_error = std::max(base.instrument.recovery_error_p99.value_or(0),
                                      head.instrument.recovery_error_p99.value_or(0));
}

Result<reports::ComparisonReport> compare_runs(const CompareCommand& command) {
    FL_TRY(ComparisonOptions options, parse_options(command));
    FL_TRY(const FoundRun base, find_run(command.base, command.store));
    FL_TRY(const FoundRun head, find_run(command.head, command.store));
    std::vector<Mismatch> mismatches = mismatches_between(base.record, head.record);
    FL_TRY_VOID(check_alike(mismatches, command.anyway));
    FL_TRY(const Scenario scenario, scenario_of(head.record, command.head));
    FL_TRY_VOID(check_measures(scenario, options.measures));
    take_instrument_errors(base.record, head.record, options);
    reports::ComparisonReport report{
        .scenario = head.record.scenario_name,
        .scenario_file = head.record.scenario_file,
        .base = reports::compared_run(base.record, command.base),
        .head = reports::compared_run(head.record, command.head),
        .mismatches = std::move(mismatches),
        .comparison =
            compare_trials(scenario, measured(base.record), measured(head.record), options)};
    report.base.directory = base.directory;
    report.head.directory = head.directory;
    return report;
}

}  // namespace

int compare(const CompareCommand& command) {
    const auto report = compare_runs(command);
    if (!report) return complain(report.error().message, exit_code_of(RunOutcome::usage));
    const reports::ComparisonRenderer* renderer = reports::find_comparison_renderer(command.format);
    if (renderer == nullptr)
        return complain("unknown format " + command.format, exit_code_of(RunOutcome::usage));
    const Console console = find_console();
    fmt::print("{}", renderer->render(*report, {.colour = console.colour, .width = console.width}));
    return exit_code_of(outcome_of(report->comparison.change));
}

}  // namespace faultline::cli
