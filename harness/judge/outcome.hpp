// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace faultline {

/// How one trial ended.
enum class TrialOutcome {
    pass,           // measured; whether good enough is the run's verdict
    unhealthy,      // steady state was not reached before the fault
    ineffective,    // an injection had no proven effect, or a selector matched nothing
    harness_error,  // the harness or the machine failed
    interrupted,
};

/// How a run ended; the values are the exit codes.
enum class RunOutcome {
    pass = 0,
    fail = 1,
    usage = 2,
    inconclusive = 3,
    unhealthy = 4,
    ineffective = 5,
    harness_error = 6,
    interrupted = 130,
};

[[nodiscard]] std::string_view name_of(TrialOutcome outcome);  // "pass", "harness error"
[[nodiscard]] std::string_view name_of(RunOutcome outcome);
[[nodiscard]] constexpr int exit_code_of(RunOutcome outcome) {
    return static_cast<int>(outcome);
}

}  // namespace faultline
