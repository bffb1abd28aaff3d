// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "harness/scenario/document.hpp"
#include "harness/scenario/mistakes.hpp"
#include "harness/scenario/model.hpp"

namespace faultline {

/// Targets in an order in which each comes after those it waits for, else as in the file.
/// `node` is where they are written. Errors: a circle, at the "after" that closes it; then the
/// order of the file.
[[nodiscard]] std::vector<Target> in_launch_order(std::vector<Target> targets,
                                                  const Node& node,
                                                  Mistakes& mistakes);

}  // namespace faultline
