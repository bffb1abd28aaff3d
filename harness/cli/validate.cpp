// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/judge/outcome.hpp"

namespace faultline::cli {

int validate(const ValidateCommand& command) {
    const auto settings = parse_settings(command.set);
    if (!settings) return complain(settings.error().message, exit_code_of(RunOutcome::usage));
    const auto files = find_scenarios(command.files);
    if (!files) return complain(files.error().message, exit_code_of(RunOutcome::usage));
    const Loaded loaded = load_all(*files, *settings);
    if (!loaded.diagnostics.empty()) return complain(loaded.diagnostics);
    std::map<std::string, std::size_t> cases;
    for (const Scenario& scenario : loaded.cases)
        ++cases[scenario.file.string()];
    for (const auto& [file, count] : cases) {
        fmt::print("ok  {}{}\n", file, count == 1 ? "" : fmt::format("  ({} cases)", count));
    }
    return 0;
}

}  // namespace faultline::cli
