// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/run_store.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/run.hpp"
#include "harness/scenario/load_scenario.hpp"
#include "reports/renderer.hpp"

namespace faultline::cli {
namespace {

/// Errors: --trial with a format that does not show one, or a trial that the run does not have.
Result<> check_trial(const ReportCommand& command, const RunRecord& run) {
    if (!command.trial) return {};
    const reports::Renderer* renderer = reports::find_renderer(command.format);
    if (renderer == nullptr || !renderer->shows_trial) {
        std::string those;
        for (const reports::Renderer& each : reports::renderers()) {
            if (each.shows_trial) those += (those.empty() ? "" : " or ") + each.name;
        }
        return fail(
            fmt::format(
                "--trial goes with --format {}; {} shows the whole run", those, command.format),
            ErrorCode::invalid);
    }
    const bool there = std::any_of(run.trials.begin(), run.trials.end(), [&](const auto& trial) {
        return trial.trial == *command.trial;
    });
    if (there) return {};
    return fail(fmt::format("there is no trial {} in this run; it has {}{}",
                            *command.trial,
                            run.trials.size(),
                            run.trials.empty() ? ""
                                               : ", the last is number " +
                                                     std::to_string(run.trials.back().trial)),
                ErrorCode::not_found);
}

}  // namespace

int report(const ReportCommand& command) {
    auto found = find_run(command.directory.string(), "");
    if (!found) return complain(found.error().message, exit_code_of(RunOutcome::usage));
    RunRecord* record = &found->record;
    if (auto checked = check_trial(command, *record); !checked)
        return complain(checked.error().message, exit_code_of(RunOutcome::usage));
    LoadedScenario loaded =
        load_scenario_text(record->scenario_json, record->scenario_file, full_catalog());
    if (!loaded.diagnostics.empty()) {
        fmt::print(stderr,
                   "faultline: the scenario kept in {} is not valid for this version:\n",
                   command.directory.string());
        return complain(loaded.diagnostics);
    }
    record->summary = judge_run(loaded.cases.front(), *record);
    if (command.write && found->directory.empty()) {
        return complain("the result directory of this run is gone; --write has nowhere to write",
                        exit_code_of(RunOutcome::usage));
    }
    if (command.write) {
        if (auto written = write_reports(*record, found->directory); !written) {
            return complain(written.error().message, exit_code_of(RunOutcome::harness_error));
        }
    }
    if (auto printed = print_run(*record, command.format, found->directory, command.trial);
        !printed) {
        return complain(printed.error().message, exit_code_of(RunOutcome::usage));
    }
    return exit_code_of(record->summary->outcome);
}

}  // namespace faultline::cli
