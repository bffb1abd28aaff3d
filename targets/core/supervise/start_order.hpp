// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "targets/core/supervise/child_spec.hpp"

namespace ftcore {

/// The children as they are started: as written, except that each comes behind those it names in
/// `after`. Shape: indices into `children`.
/// Errors: two of one name, an unknown name in `after` (with the nearest), a ring.
[[nodiscard]] Result<std::vector<std::size_t>> start_order(const std::vector<ChildSpec>& children);

}  // namespace ftcore
