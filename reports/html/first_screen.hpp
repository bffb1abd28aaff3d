// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/result/record.hpp"

namespace faultline::reports {

/// What a reader must see first: the verdict, one sentence, the three numbers with their intervals,
/// what was injected with its evidence, the expectations, and how wrong the figures can be.
[[nodiscard]] std::string first_screen(const RunRecord& run);

/// "Typically the crash was noticed after 2.3 ms and served again after 13 ms, ...".
[[nodiscard]] std::string plain_sentence(const RunRecord& run);

}  // namespace faultline::reports
