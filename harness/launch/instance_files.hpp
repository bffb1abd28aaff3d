// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {

/// Writes name → content below `folder`, making folders on the way. Not synced: they last a trial.
/// Errors: `invalid` for a name that leads out of `folder`.
[[nodiscard]] Result<> write_instance_files(const std::filesystem::path& folder,
                                            const std::map<std::string, std::string>& files);

/// The last `count` lines of a file, oldest first; looks at its last 64 KiB only.
[[nodiscard]] std::vector<std::string> tail_of(const std::filesystem::path& path,
                                               std::size_t count);

}  // namespace faultline
