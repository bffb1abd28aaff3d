// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/inject/link/toxiproxy/proxy_set.hpp"

namespace faultline::link {

/// An HTTP request as far as the API looks at it.
struct ApiRequest {
    std::string method;  // "GET"
    std::string target;  // "/proxies/redis?x=1", as sent
    std::string user_agent{};
    std::string accept{};
    std::string body{};
};

struct ApiResponse {
    int status = 200;
    std::string content_type{};  // empty: no body
    std::string body{};
    std::string allow{};  // of 405
};

struct ApiOptions {
    bool proxy_metrics = false;
    bool runtime_metrics = false;
};

/// Toxiproxy's HTTP API: carries a request out on `set` and says what to answer. `book` knows the
/// names of `hosts_of(request)`.
[[nodiscard]] ApiResponse respond(const ApiRequest& request,
                                  ProxySet& set,
                                  const AddressBook& book,
                                  const ApiOptions& options);

/// The host names in a request that must be looked up before `respond`.
[[nodiscard]] std::vector<std::string> hosts_of(const ApiRequest& request);

/// The segments of a target's path, decoded: "/proxies/a%2Fb?x" → "proxies", "a/b". A slash at the
/// end makes an empty segment. Absent: a '%' that is followed by no two digits.
/// Source: RFC 3986 sections 2.1 and 3.3.
[[nodiscard]] std::optional<std::vector<std::string>> path_segments(std::string_view target);

}  // namespace faultline::link
