// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace faultline {

/// What stands at the front of a stream of HTTP/1.1 responses.
struct HttpParse {
    enum class State : std::uint8_t { complete, incomplete, broken };
    State state = State::incomplete;
    std::size_t bytes = 0;  // of the response with its body, when complete
    int status = 0;
    bool keep_alive = true;  // whether the connection may be used again
};

/// Reads one final response (1xx are skipped). Body lengths: Content-Length, chunked, none (HEAD,
/// 204, 304), or up to the end of the connection. `ended`: the peer will send no more. Source: RFC
/// 9112 sections 6.3 and 7.1.
[[nodiscard]] HttpParse parse_http(std::string_view input, bool head_request, bool ended);

}  // namespace faultline
