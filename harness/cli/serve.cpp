// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/serve.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/run/catalog.hpp"
#include "harness/run/run.hpp"
#include "harness/scenario/load_scenario.hpp"

namespace faultline::cli {
namespace {

/// A run that has no summary: as if it ended with the trials it has.
Result<> judge_unfinished(RunRecord& run) {
    const LoadedScenario loaded =
        load_scenario_text(run.scenario_json, run.scenario_file, full_catalog());
    if (!loaded.diagnostics.empty() || loaded.cases.empty())
        return fail("the scenario kept in this run is not valid for this version of faultline");
    run.summary = judge_run(loaded.cases.front(), run);
    return {};
}

}  // namespace

int serve(const ServeCommand& command) {
    auto server = reports::RunServer::open({.directory = command.directory,
                                            .host = command.host,
                                            .port = static_cast<std::uint16_t>(command.port),
                                            .judge = judge_unfinished});
    if (!server) {
        const ErrorCode code = server.error().code;
        const bool usage = code == ErrorCode::invalid || code == ErrorCode::not_found;
        return complain(server.error().message,
                        exit_code_of(usage ? RunOutcome::usage : RunOutcome::harness_error));
    }
    const std::size_t count = (*server)->run_count();
    fmt::print("faultline serve: http://{}, {} {} below {}\n",
               (*server)->address(),
               count,
               count == 1 ? "run" : "runs",
               command.directory.string());
    std::fflush(stdout);
    if (const std::string trouble = (*server)->trouble(); !trouble.empty())
        fmt::print(stderr, "faultline serve: warning: {}\n", trouble);
    (*server)->run();
    return 0;
}

}  // namespace faultline::cli
