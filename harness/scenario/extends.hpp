// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "harness/scenario/document.hpp"
#include "harness/scenario/mistakes.hpp"

namespace faultline {

/// A file that extends one that extends one ... goes no deeper.
inline constexpr std::size_t extends_depth_max = 16;

/// Reads the scenario `file` (or takes `text` for it) and everything it extends, and merges them:
/// bases in their order, then the file itself (RFC 7396).
/// Errors: into `mistakes`; absent when there is no document to go on with.
[[nodiscard]] std::optional<Node> read_with_bases(const std::filesystem::path& file,
                                                  const std::optional<std::string>& text,
                                                  Mistakes& mistakes);

}  // namespace faultline
