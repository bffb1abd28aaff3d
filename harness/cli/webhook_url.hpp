// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "harness/base/result.hpp"

namespace faultline::cli {

/// Where a notification goes: http[s]://host[:port]/path.
struct WebhookUrl {
    bool tls = false;
    std::string host;  // a name, or a number without brackets
    std::uint16_t port = 80;
    std::string target = "/";

    /// "host", "host:8080", "[::1]": without the port that the scheme implies.
    [[nodiscard]] std::string authority() const;
};
/// Errors: not such a URL.
[[nodiscard]] Result<WebhookUrl> parse_webhook_url(const std::string& url);

}  // namespace faultline::cli
