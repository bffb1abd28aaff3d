// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// Appends `bytes` in base64 with padding. Source: RFC 4648 section 4.
void append_base64(std::string& out, std::string_view bytes);
/// Empty: `text` is not base64 with padding.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace faultline
