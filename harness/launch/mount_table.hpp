// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

namespace faultline {

/// Mount points at or below `folder`, as this process sees them.
/// Source: proc(5), /proc/PID/mountinfo.
[[nodiscard]] std::vector<std::filesystem::path> mounts_below(const std::filesystem::path& folder);

}  // namespace faultline
