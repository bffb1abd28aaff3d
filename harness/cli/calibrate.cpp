// SPDX-License-Identifier: Apache-2.0
#include "harness/run/calibrate.hpp"

#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/units.hpp"
#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/cli/signal_watch.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/result/calibration.hpp"
#include "harness/run/run.hpp"

namespace faultline::cli {
namespace {

void print_condition(const CalibrationCondition& condition) {
    const auto text = [](double nanoseconds) {
        return format_duration(Duration(static_cast<std::int64_t>(nanoseconds)));
    };
    fmt::print("\n{:<24} {:>6} {:>10} {:>10} {:>10} {:>10}\n",
               condition.name,
               "n",
               "p50",
               "p90",
               "p99",
               "max");
    for (const ErrorFigures& figures : condition.figures) {
        fmt::print("  {:<22} {:>6} {:>10} {:>10} {:>10} {:>10}  {}\n",
                   figures.name,
                   figures.n,
                   text(figures.p50),
                   text(figures.p90),
                   text(figures.p99),
                   text(figures.max),
                   figures.meaning);
    }
}

}  // namespace

int calibrate(const CalibrateCommand& command) {
    auto guardian = Guardian::start(new_run_id());
    if (!guardian)
        return complain(guardian.error().message, exit_code_of(RunOutcome::harness_error));
    Interruption interruption;
    const SignalWatch signals(interruption);
    const CalibrationOptions options{
        .cycles = command.trials, .busy = !command.idle_only, .seed = command.seed};
    const auto conditions =
        calibrate(options, **guardian, interruption, [](const std::string& phase) {
            fmt::print("measuring, {} ...\n", phase);
            std::fflush(stdout);
        });
    if (interruption.requested()) return exit_code_of(RunOutcome::interrupted);
    if (!conditions)
        return complain(conditions.error().message, exit_code_of(RunOutcome::harness_error));
    for (const CalibrationCondition& condition : *conditions)
        print_condition(condition);

    const std::string when = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    const auto file = calibration_file();
    if (!file) {
        fmt::print("\nnot kept: neither XDG_STATE_HOME nor HOME names a folder\n");
        return 0;
    }
    const Calibration calibration{instrument_error_of(*conditions, when),
                                  encode_calibration(*conditions)};
    if (auto stored = store_calibration(*file, machine_fingerprint(), calibration); !stored) {
        return complain(stored.error().message, exit_code_of(RunOutcome::harness_error));
    }
    fmt::print("\nkept in {}; reports made on this machine carry these figures\n", file->string());
    return 0;
}

}  // namespace faultline::cli
