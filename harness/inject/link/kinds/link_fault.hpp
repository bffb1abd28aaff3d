// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/inject/fault.hpp"
#include "harness/inject/link/link_kind.hpp"

namespace faultline {

/// The fault kind of a scenario that puts the row's effect on every link it names, in one turn of
/// their engine.
///
///   prepare ──► apply ────────► prove ──────────► clear
///   effect,     one change      the tally shows   the effects are taken away;
///   tally       for all links   an effect         what was held goes on
///
/// t0 is the call; for rows that wait for their moment (the n-th byte) it is the first effect.
[[nodiscard]] FaultKind link_fault_kind(link::LinkKind row);

/// "within": how long the first effect is waited for.
[[nodiscard]] Parameter proof_within_parameter();

/// "proxy of 3 links": what carries them.
[[nodiscard]] std::string describe_proxies(std::size_t link_count);

}  // namespace faultline
