// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/result/record.hpp"
#include "reports/table.hpp"

namespace faultline::reports {

/// The stages of a typical trial as rows of bars, each bar from the stage before to this one. Empty
/// when the targets said too little for a picture.
[[nodiscard]] std::string terminal_waterfall(const RunRecord& run, const TableLook& look);

}  // namespace faultline::reports
