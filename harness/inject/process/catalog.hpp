// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/inject/fault.hpp"

namespace faultline {

// One per file of this folder.
[[nodiscard]] FaultKind process_crash();
[[nodiscard]] FaultKind process_exit();
[[nodiscard]] FaultKind process_hang();
[[nodiscard]] FaultKind process_restart();
[[nodiscard]] FaultKind process_start_failure();
[[nodiscard]] FaultKind process_throttle();

}  // namespace faultline
