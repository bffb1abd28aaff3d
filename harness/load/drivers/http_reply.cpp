// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/http_reply.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace faultline {
namespace {

constexpr std::size_t header_bytes_max = 64 * 1024;
constexpr std::uint64_t body_bytes_max = std::uint64_t{256} << 20;

struct Head {
    std::size_t bytes = 0;  // up to and with the empty line
    int status = 0;
    bool keep_alive = true;
    bool chunked = false;
    std::optional<std::uint64_t> length{};
    bool broken = false;
};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return lower(x) == lower(y);
    });
}

bool has_token(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view item = list.substr(0, comma);
        while (!item.empty() && (item.front() == ' ' || item.front() == '\t'))
            item.remove_prefix(1);
        while (!item.empty() && (item.back() == ' ' || item.back() == '\t'))
            item.remove_suffix(1);
        if (same_name(item, token)) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

std::optional<std::uint64_t> number_in(std::string_view text, int base) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (number > body_bytes_max) return std::nullopt;
    return number;
}

void read_field(Head& head, std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
        head.broken = true;
        return;
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (same_name(name, "content-length")) {
        const auto length = number_in(value, 10);
        if (!length || (head.length && head.length != length)) head.broken = true;
        head.length = length;
    } else if (same_name(name, "transfer-encoding")) {
        head.chunked = has_token(value, "chunked");
    } else if (same_name(name, "connection")) {
        if (has_token(value, "close")) head.keep_alive = false;
        if (has_token(value, "keep-alive")) head.keep_alive = true;
    }
}

/// Requires: `text` ends with the empty line.
Head read_head(std::string_view text) {
    Head head{.bytes = text.size()};
    const std::string_view status_line = text.substr(0, text.find("\r\n"));
    const bool known = status_line.starts_with("HTTP/1.1 ") || status_line.starts_with("HTTP/1.0 ");
    const auto status = known ? number_in(status_line.substr(9, 3), 10) : std::nullopt;
    if (!status || *status < 100 || *status > 999) {
        head.broken = true;
        return head;
    }
    head.status = static_cast<int>(*status);
    head.keep_alive = status_line.starts_with("HTTP/1.1");
    text.remove_prefix(status_line.size() + 2);
    while (text.size() > 2) {
        const std::size_t end = text.find("\r\n");
        read_field(head, text.substr(0, end));
        text.remove_prefix(end + 2);
    }
    return head;
}

struct Body {
    HttpParse::State state = HttpParse::State::incomplete;
    std::size_t bytes = 0;
};

Body read_chunks(std::string_view input) {
    std::size_t at = 0;
    for (;;) {
        const std::size_t line_end = input.find("\r\n", at);
        if (line_end == std::string_view::npos) {
            const bool endless = input.size() - at > header_bytes_max;
            return {endless ? HttpParse::State::broken : HttpParse::State::incomplete};
        }
        const std::string_view line = input.substr(at, line_end - at);
        const auto size = number_in(line.substr(0, line.find(';')), 16);
        if (!size) return {HttpParse::State::broken};
        at = line_end + 2;
        if (*size == 0) break;
        if (input.size() < at + *size + 2) return {};
        if (input.substr(at + *size, 2) != "\r\n") return {HttpParse::State::broken};
        at += *size + 2;
    }
    for (;;) {  // trailer fields, up to an empty line
        const std::size_t line_end = input.find("\r\n", at);
        if (line_end == std::string_view::npos) return {};
        const bool empty = line_end == at;
        at = line_end + 2;
        if (empty) return {HttpParse::State::complete, at};
    }
}

Body read_body(std::string_view input, Head& head, bool head_request, bool ended) {
    if (head_request || head.status == 204 || head.status == 304) {
        return {HttpParse::State::complete, 0};
    }
    if (head.chunked) return read_chunks(input);
    if (head.length) {
        if (input.size() < *head.length) return {};
        return {HttpParse::State::complete, static_cast<std::size_t>(*head.length)};
    }
    head.keep_alive = false;
    if (!ended) return {};
    return {HttpParse::State::complete, input.size()};
}

}  // namespace

HttpParse parse_http(std::string_view input, bool head_request, bool ended) {
    std::size_t begin = 0;
    for (;;) {
        const std::size_t empty_line = input.find("\r\n\r\n", begin);
        if (empty_line == std::string_view::npos) {
            const bool endless = input.size() - begin > header_bytes_max;
            return {endless ? HttpParse::State::broken : HttpParse::State::incomplete};
        }
        Head head = read_head(input.substr(begin, empty_line + 4 - begin));
        if (head.broken) return {HttpParse::State::broken};
        begin += head.bytes;
        if (head.status < 200) continue;
        const Body body = read_body(input.substr(begin), head, head_request, ended);
        return {body.state, begin + body.bytes, head.status, head.keep_alive};
    }
}

}  // namespace faultline
