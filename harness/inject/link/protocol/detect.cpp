// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/detect.hpp"

#include <algorithm>
#include <array>

#include "harness/inject/link/protocol/http_head.hpp"
#include "harness/inject/link/protocol/reader.hpp"

namespace faultline::link {
namespace {

// Source: the IANA registry of HTTP methods, without those of HTTP/2 alone, and two that caches
// use.
constexpr std::array<std::string_view, 41> methods{"ACL",
                                                   "BASELINE-CONTROL",
                                                   "BAN",
                                                   "BIND",
                                                   "CHECKIN",
                                                   "CHECKOUT",
                                                   "CONNECT",
                                                   "COPY",
                                                   "DELETE",
                                                   "GET",
                                                   "HEAD",
                                                   "LABEL",
                                                   "LINK",
                                                   "LOCK",
                                                   "MERGE",
                                                   "MKACTIVITY",
                                                   "MKCALENDAR",
                                                   "MKCOL",
                                                   "MKREDIRECTREF",
                                                   "MKWORKSPACE",
                                                   "MOVE",
                                                   "OPTIONS",
                                                   "ORDERPATCH",
                                                   "PATCH",
                                                   "POST",
                                                   "PROPFIND",
                                                   "PROPPATCH",
                                                   "PURGE",
                                                   "PUT",
                                                   "REBIND",
                                                   "REPORT",
                                                   "SEARCH",
                                                   "TRACE",
                                                   "UNBIND",
                                                   "UNCHECKOUT",
                                                   "UNLINK",
                                                   "UNLOCK",
                                                   "UPDATE",
                                                   "UPDATEREDIRECTREF",
                                                   "VERSION-CONTROL",
                                                   "QUERY"};

Detected detect_http(std::string_view bytes) {
    const std::size_t blank = bytes.find(' ');
    const std::string_view method = bytes.substr(0, blank);
    const bool whole = blank != std::string_view::npos;
    const bool known = std::any_of(methods.begin(), methods.end(), [&](std::string_view name) {
        return whole ? name == method : name.starts_with(method);
    });
    if (!known || !may_become_http_request(bytes)) return Detected::neither;
    if (bytes.find('\n') != std::string_view::npos) return Detected::http;
    return bytes.size() < head_bytes_max ? Detected::undecided : Detected::neither;
}

/// "*3\r\n$": an array of bulk strings that has at least one.
Detected detect_redis(std::string_view bytes) {
    constexpr std::size_t count_digits_max = 7;
    std::size_t at = 1;
    while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9' && at <= count_digits_max)
        ++at;
    if (at == bytes.size()) return Detected::undecided;
    constexpr std::string_view rest = "\r\n$";
    const std::string_view seen = bytes.substr(at, rest.size());
    if (at == 1 || !rest.starts_with(seen)) return Detected::neither;
    return seen == rest ? Detected::redis : Detected::undecided;
}

}  // namespace

Detected detect_protocol(std::string_view first_bytes) {
    if (first_bytes.empty()) return Detected::undecided;
    return first_bytes.front() == '*' ? detect_redis(first_bytes) : detect_http(first_bytes);
}

Detected detect_midway(std::string_view bytes, RequestProtocol spoken) {
    const bool line = bytes.find('\n') != std::string_view::npos;
    if (spoken == RequestProtocol::http)
        return line && may_become_http_request(bytes) ? Detected::http : Detected::neither;
    const Detected detected = detect_protocol(bytes);
    if (spoken == RequestProtocol::redis && detected != Detected::redis) return Detected::neither;
    return detected == Detected::undecided ? Detected::neither : detected;
}

}  // namespace faultline::link
