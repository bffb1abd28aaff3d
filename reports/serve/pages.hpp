// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/serve/run_index.hpp"

namespace faultline::reports {

inline constexpr std::size_t list_page_size = 50;

/// The list of runs as asked for in the query of its address.
struct ListView {
    RunFilter filter{};
    std::size_t page = 1;  // from 1
};
/// The whole page. It is complete without JavaScript; with it, what changes is shown at once.
[[nodiscard]] std::string list_page(const RunIndex& index, const ListView& view);
/// What of it changes: the runs under way, the table, the pages. The script puts it in place.
[[nodiscard]] std::string list_part(const RunIndex& index, const ListView& view);

/// How the measures of a scenario went from run to run: charts, and the same as a table.
/// Shape: `runs` newest first, finished ones of one scenario.
[[nodiscard]] std::string trend_page(const std::string& scenario,
                                     const std::vector<const RunIndex::Run*>& runs);

/// A page that says what is wrong.
[[nodiscard]] std::string error_page(const std::string& title, const std::string& message);

}  // namespace faultline::reports
