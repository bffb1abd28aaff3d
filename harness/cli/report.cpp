// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/run.hpp"
#include "harness/scenario/load_scenario.hpp"

namespace faultline::cli {

int report(const ReportCommand& command) {
    auto record = read_run(command.directory);
    if (!record) return complain(record.error().message, exit_code_of(RunOutcome::usage));
    LoadedScenario loaded =
        load_scenario_text(record->scenario_json, record->scenario_file, full_catalog());
    if (!loaded.diagnostics.empty()) {
        fmt::print(stderr,
                   "faultline: the scenario kept in {} is not valid for this version:\n",
                   command.directory.string());
        return complain(loaded.diagnostics);
    }
    record->summary = judge_run(loaded.cases.front(), *record);
    if (command.write) {
        if (auto written = write_reports(*record, command.directory); !written) {
            return complain(written.error().message, exit_code_of(RunOutcome::harness_error));
        }
    }
    if (auto printed = print_run(*record, command.format, command.directory); !printed) {
        return complain(printed.error().message, exit_code_of(RunOutcome::usage));
    }
    return exit_code_of(record->summary->outcome);
}

}  // namespace faultline::cli
