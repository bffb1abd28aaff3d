// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/result/record.hpp"

namespace faultline::reports {

// The parts of the Markdown report that speak of single trials. Each is empty when there is nothing
// to say.

/// The stages of a typical trial, as a Mermaid chart and a table.
[[nodiscard]] std::string waterfall_section(const RunRecord& run);
/// Invalid, censored and unconfirmed trials, with reasons.
[[nodiscard]] std::string exceptions_section(const RunRecord& run);
[[nodiscard]] std::string lost_keys_section(const RunRecord& run);
[[nodiscard]] std::string stale_keys_section(const RunRecord& run);
/// A row a trial; folded when there are many.
[[nodiscard]] std::string trials_section(const RunRecord& run);

}  // namespace faultline::reports
