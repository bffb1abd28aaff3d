// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace faultline::reports {

/// A GET or HEAD as the routes look at it.
struct HttpRequest {
    std::vector<std::string> path{};  // segments, decoded: "/runs/a%20b" → "runs", "a b"
    std::map<std::string, std::string> query{};  // decoded; of a name that comes twice the last
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};  // others
    /// The answer is the server's stream of events, from here on until the client goes.
    bool events = false;
};

/// Answers a request, once, now or later; dropped without an answer, the connection is closed.
/// Thread: any, while the server lives.
using HttpAnswer = std::function<void(HttpResponse)>;
/// Thread: the server's. May not block: whoever else has a request waits for it.
using HttpHandler = std::function<void(const HttpRequest&, HttpAnswer)>;

[[nodiscard]] HttpResponse http_error(int status, const std::string& message);

}  // namespace faultline::reports
