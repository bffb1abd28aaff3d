// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/judge/summary.hpp"
#include "reports/table.hpp"

namespace faultline::reports {

/// The numbers of the terminal report, a line a measure, with intervals and n.
[[nodiscard]] std::string terminal_measures(const Summary& summary, const TableLook& look);

}  // namespace faultline::reports
