// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace faultline::link {

enum class ConnectAnswer : std::uint8_t { refused, other };

/// Tries to connect to an address as engines spell theirs ("127.0.0.1:80", "[::1]:80",
/// "unix:/path"). What is not refused within 20 ms counts as `other`.
[[nodiscard]] ConnectAnswer attempt_connect(const std::string& address);

}  // namespace faultline::link
