// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reports/serve/http_message.hpp"

namespace faultline::reports {

/// The target of a request line, "/runs/a%20b?text=x+y". A slash at the end counts for nothing.
/// Absent: not in origin form, a '%' that is followed by no two hexadecimal digits, a zero byte.
/// Source: RFC 3986 section 3; RFC 9112 section 3.2.1.
[[nodiscard]] std::optional<HttpRequest> parse_target(std::string_view target);

/// The text as it may stand in a query's value: "a b" → "a%20b".
[[nodiscard]] std::string encode_query(std::string_view text);

/// Whether a Host header names this machine by a loopback address or "localhost", with any port.
/// A page of another site can make its own name mean 127.0.0.1 (DNS rebinding) but cannot make the
/// browser say one of these.
[[nodiscard]] bool names_loopback(std::string_view host);

}  // namespace faultline::reports
