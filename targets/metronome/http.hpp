// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace metronome {

/// How far a buffer went: a whole request, the beginning of one, or something else.
enum class Parsed { complete, partial, broken };

/// A request as far as the metronome cares. Shape: views into the buffer it was parsed from.
struct HttpRequest {
    std::string_view method;
    std::string_view path;  // without the query
    bool keep_alive = true;
};

/// Reads one request from the start of `buffer`, skipping a body of known length; `used` bytes of
/// it when complete. Source: RFC 9112.
[[nodiscard]] Parsed parse_http(std::string_view buffer, HttpRequest& request, std::size_t& used);

/// A response with its head, spelled for the wire.
[[nodiscard]] std::string http_response(int status, std::string_view type, std::string_view body);

}  // namespace metronome
