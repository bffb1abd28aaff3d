// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"

namespace faultline::cli {

/// Where a notification goes: http://host[:port]/path.
struct WebhookUrl {
    std::string host;
    std::string port = "80";
    std::string target = "/";
};
/// Errors: not such a URL; https, with what to do instead.
[[nodiscard]] Result<WebhookUrl> parse_webhook_url(const std::string& url);

/// POSTs JSON and returns the status of the answer. Errors: not connected, no answer within
/// `timeout` (`timeout`). Thread: any; blocks.
struct JsonPost {
    WebhookUrl url;
    std::string body;
    Duration timeout = std::chrono::seconds(5);
};
[[nodiscard]] Result<int> post_json(const JsonPost& post);

}  // namespace faultline::cli
