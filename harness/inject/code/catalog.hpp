// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/inject/fault.hpp"

namespace faultline {

// One per file of this folder that holds a fault.
[[nodiscard]] FaultKind code_crash();
[[nodiscard]] FaultKind code_delay();
[[nodiscard]] FaultKind code_error();

}  // namespace faultline
