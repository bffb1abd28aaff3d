// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/base/check.hpp"
#include "reports/renderer.hpp"

namespace faultline::reports {

inline std::string rendered(const std::string& renderer,
                            const RunRecord& run,
                            const RenderOptions& options = {}) {
    const Renderer* found = find_renderer(renderer);
    FL_CHECK(found != nullptr);
    return found->render(run, options);
}

/// A run that was stopped before its first trial, and one that has a verdict but no trials.
inline RunRecord unfinished_run() {
    RunRecord run;
    run.scenario_name = "empty";
    run.trials_asked = 5;
    return run;
}
inline RunRecord run_without_trials() {
    RunRecord run = unfinished_run();
    run.summary.emplace();
    run.summary->outcome = RunOutcome::harness_error;
    run.summary->reason = "the guardian could not be started";
    return run;
}

}  // namespace faultline::reports
