// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/cli/webhook_url.hpp"

namespace faultline::cli {

/// POSTs JSON and returns the status of the answer. Errors: not connected, no answer within
/// `timeout` (`timeout`), a certificate that is not good (`invalid`). Thread: any; blocks.
struct JsonPost {
    WebhookUrl url;
    std::string body;
    Duration timeout = std::chrono::seconds(5);  // names, connection, handshake and answer
};
[[nodiscard]] Result<int> post_json(const JsonPost& post);

}  // namespace faultline::cli
