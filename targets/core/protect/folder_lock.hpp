// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/protect/disk.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// Keeps a second process out of a folder, until the descriptor is closed or the process ends.
/// Errors: with the remedy, when another process holds it.
[[nodiscard]] Result<disk::UniqueFd> lock_folder(const disk::Path& folder);

}  // namespace ftcore
