// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/inject/fault.hpp"
#include "harness/inject/link/link_kind.hpp"

namespace faultline::link {

// One per file of this folder; `link_kinds()` has them all, and link.error from the protocols.
[[nodiscard]] LinkKind link_bandwidth();
[[nodiscard]] LinkKind link_corrupt();
[[nodiscard]] LinkKind link_down();
[[nodiscard]] LinkKind link_latency();
[[nodiscard]] LinkKind link_limit();
[[nodiscard]] LinkKind link_reset();
[[nodiscard]] LinkKind link_slice();
[[nodiscard]] LinkKind link_slow_close();
[[nodiscard]] LinkKind link_stall();

}  // namespace faultline::link

namespace faultline {

// Those that are not the same effect on every link.
[[nodiscard]] FaultKind link_loss();
[[nodiscard]] FaultKind link_partition();

/// The fault kinds on links that a scenario may name: those of `link::link_kinds()` and those
/// above, sorted by name.
[[nodiscard]] std::vector<FaultKind> link_fault_kinds();

}  // namespace faultline
