// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/inject/link/protocol/request.hpp"

namespace faultline::link {

/// How a body ends. Source: RFC 9112, section 6.3.
struct HttpFraming {
    enum class Body : std::uint8_t { none, length, chunked, until_close };
    Body body = Body::none;
    std::uint64_t length = 0;
};

/// Where the head ends that `input` begins with: behind its empty line. Lines may end in a lone LF
/// (RFC 9112, section 2.2). `from`: so many bytes were looked at before and held no end.
[[nodiscard]] std::optional<std::size_t> find_http_head_end(std::string_view input,
                                                            std::size_t from);

/// Whether `input`, which holds no whole head yet, can still become a request.
[[nodiscard]] bool may_become_http_request(std::string_view input);

/// Reads a whole head into `request` and `framing`. False: it is none of HTTP/1, or one whose end
/// two readers could see at different places, such as one with both lengths.
[[nodiscard]] bool read_http_request(std::string_view head, Request& request, HttpFraming& framing);

struct HttpStatus {
    int status = 0;
    HttpFraming framing{};
};
/// Nothing: not the head of an HTTP/1 response.
[[nodiscard]] std::optional<HttpStatus> read_http_response(std::string_view head, bool head_only);

/// Whether `text` is a "token": the name of a method or field.
[[nodiscard]] bool is_http_token(std::string_view text);
/// The path in a request's target, without the query: "/a" in "/a?b" and in "http://host/a?b".
[[nodiscard]] std::string_view http_path(std::string_view target);
/// The same with the query.
[[nodiscard]] std::string_view http_path_and_query(std::string_view target);

}  // namespace faultline::link
