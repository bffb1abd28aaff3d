// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "harness/result/record.hpp"

namespace faultline::reports {

// What the HTML report draws, as Mermaid's charts and tables. Each is empty when there is nothing
// to say. Source: Mermaid 10.5, xychart-beta.

/// The shares of trials within a detection and a recovery time, with their bands.
[[nodiscard]] std::string distributions_section(const RunRecord& run);
/// The success rate over time, trials aligned at their first injection; reads timelines.
[[nodiscard]] std::string success_section(const RunRecord& run,
                                          const std::filesystem::path& directory);
/// What happened in the trial whose recovery time is the median; reads its timeline.
[[nodiscard]] std::string events_section(const RunRecord& run,
                                         const std::filesystem::path& directory);
/// Fault injected against cause named, over all counted trials.
[[nodiscard]] std::string diagnosis_section(const RunRecord& run);

}  // namespace faultline::reports
