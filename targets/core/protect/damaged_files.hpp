// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/core/protect/disk.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// How many damaged files of one folder are kept for people to look at.
constexpr std::size_t damaged_files_kept = 4;

/// Renames a file of no more use to "<name>.damaged"; the oldest ones go.
[[nodiscard]] Result<> put_aside(const disk::Path& path);
/// Keeps a copy of a file that is about to be cut.
[[nodiscard]] Result<> copy_aside(const disk::Path& path);

}  // namespace ftcore
