// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/http.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

namespace metronome {
namespace {

constexpr std::size_t head_bytes_max = 16384;
constexpr std::size_t body_bytes_max = 1 << 20;

std::string lower(std::string_view text) {
    std::string copy(text);
    std::transform(copy.begin(), copy.end(), copy.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return copy;
}

/// The value of a header in a lower-case head, without the blanks around it; empty when absent.
std::string_view header(std::string_view head, std::string_view name) {
    const std::size_t at = head.find(fmt::format("\r\n{}:", name));
    if (at == std::string_view::npos) return {};
    std::string_view value = head.substr(at + name.size() + 3);
    value = value.substr(0, value.find("\r\n"));
    while (value.starts_with(' '))
        value.remove_prefix(1);
    while (value.ends_with(' '))
        value.remove_suffix(1);
    return value;
}

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 404:
            return "Not Found";
        case 503:
            return "Service Unavailable";
        default:
            return "Unknown";
    }
}

}  // namespace

Parsed parse_http(std::string_view buffer, HttpRequest& request, std::size_t& used) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return buffer.size() > head_bytes_max ? Parsed::broken : Parsed::partial;
    }
    const std::string_view line = buffer.substr(0, buffer.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last <= first) return Parsed::broken;
    request.method = line.substr(0, first);
    request.path = line.substr(first + 1, last - first - 1);
    request.path = request.path.substr(0, request.path.find('?'));

    const std::string head = lower(buffer.substr(0, end + 2));
    std::size_t body_bytes = 0;
    if (const std::string_view length = header(head, "content-length"); !length.empty()) {
        const char* const stop = length.data() + length.size();
        const auto [parsed, error] = std::from_chars(length.data(), stop, body_bytes);
        if (error != std::errc() || parsed != stop || body_bytes > body_bytes_max) {
            return Parsed::broken;
        }
    }
    const std::string_view connection = header(head, "connection");
    const bool old = line.ends_with("HTTP/1.0");
    request.keep_alive = old ? connection == "keep-alive" : connection != "close";
    used = end + 4 + body_bytes;
    return buffer.size() < used ? Parsed::partial : Parsed::complete;
}

std::string http_response(int status, std::string_view type, std::string_view body) {
    return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}",
                       status,
                       reason(status),
                       type,
                       body.size(),
                       body);
}

}  // namespace metronome
