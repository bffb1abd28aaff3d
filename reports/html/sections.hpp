// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "harness/result/record.hpp"

namespace faultline::reports {

// The parts of the HTML report that are tables and texts. Each is empty when there is nothing to
// say.

/// What else was measured: downtime, redundancy, proportions, counts.
[[nodiscard]] std::string further_measures(const RunRecord& run);
/// Invalid, censored and unconfirmed trials, with reasons.
[[nodiscard]] std::string exceptions(const RunRecord& run);
/// Fault injected against cause named, over all counted trials.
[[nodiscard]] std::string diagnosis_matrix(const RunRecord& run);
[[nodiscard]] std::string lost_writes(const RunRecord& run);
[[nodiscard]] std::string stale_reads(const RunRecord& run);
[[nodiscard]] std::string environment_section(const RunRecord& run);
/// The scenario as resolved and the command that repeats it.
[[nodiscard]] std::string repeat_section(const RunRecord& run,
                                         const std::filesystem::path& directory);

}  // namespace faultline::reports
