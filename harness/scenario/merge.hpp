// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/scenario/document.hpp"

namespace faultline {

/// `patch` over `base`: objects key by key, null removes, anything else replaces. Every value keeps
/// the place it was written at; a merged object has the place of the patch.
/// Source: RFC 7396 section 2.
[[nodiscard]] Node merge_patch(Node base, const Node& patch);

/// Puts `value` where `pointer` says, replacing what is there; objects that are missing on the way
/// are made. Errors: not a JSON pointer, or it leads through a value that has no such part. Source:
/// RFC 6901.
[[nodiscard]] Result<> set_at_pointer(Node& root, std::string_view pointer, Node value);

}  // namespace faultline
