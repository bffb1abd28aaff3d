// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/run/gate.hpp"
#include "reports/renderer.hpp"

namespace faultline::cli {

inline constexpr int gate_record_version = 1;
inline constexpr const char* comparison_page = "comparison.html";

/// A whole gate, over all its scenarios.
struct GateReport {
    std::vector<ScenarioGate> scenarios{};
    double effect = 0, alarm = 0, miss = 0;  // shares of 1; the alarm rate is that of all scenarios
    std::size_t trials_max = 0;
    std::vector<std::string> notes{};  // in what a baseline and this machine are not alike
    RunOutcome outcome = RunOutcome::pass;
};

/// "not worse", "worse", else as runs end.
[[nodiscard]] std::string say_gate(RunOutcome outcome);
/// "34 + 34 trials, look 5 of 11".
[[nodiscard]] std::string say_effort(const ScenarioGate& gate);
/// "the same build fails at most 5 % of gates, ..."; what the verdict may be trusted with.
[[nodiscard]] std::string say_promise(const GateReport& report);

// What was decided and when, and the comparison of the trials gathered.
[[nodiscard]] std::string gate_terminal(const GateReport& report, bool colour, int width);
[[nodiscard]] std::string gate_markdown(const GateReport& report);
[[nodiscard]] std::string gate_html(const GateReport& report);
[[nodiscard]] std::string gate_json(const GateReport& report);
/// One suite a scenario, one case a measure.
[[nodiscard]] std::string gate_junit(const GateReport& report);

/// The comparison of the trials gathered, in a format of `faultline compare`. Empty: it knows none
/// of that name, or nothing was gathered.
[[nodiscard]] std::string gate_comparison(const ScenarioGate& gate,
                                          const std::string& format,
                                          const reports::RenderOptions& options = {});

/// gate.txt, gate.json, gate.md, gate.html and junit.xml; and comparison.html beside the results of
/// each scenario.
[[nodiscard]] Result<> write_gate(const GateReport& report, const std::filesystem::path& folder);

}  // namespace faultline::cli
