// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/resp.hpp"

#include <charconv>

#include <fmt/format.h>

namespace metronome {
namespace {

constexpr std::int64_t words_max = 1 << 16;
constexpr std::int64_t bulk_bytes_max = 64 << 20;

/// Reads "<kind><number>\r\n" at `at` and moves behind it.
Parsed read_length(std::string_view buffer,
                   char kind,
                   std::int64_t maximum,
                   std::size_t& at,
                   std::int64_t& length) {
    if (at >= buffer.size()) return Parsed::partial;
    if (buffer[at] != kind) return Parsed::broken;
    const std::size_t end = buffer.find("\r\n", at);
    if (end == std::string_view::npos) {
        return buffer.size() - at > 32 ? Parsed::broken : Parsed::partial;
    }
    const char* const last = buffer.data() + end;
    const auto [stop, error] = std::from_chars(buffer.data() + at + 1, last, length);
    if (error != std::errc() || stop != last || length < 0 || length > maximum) {
        return Parsed::broken;
    }
    at = end + 2;
    return Parsed::complete;
}

}  // namespace

Parsed parse_request(std::string_view buffer, Words& words, std::size_t& used) {
    words.clear();
    std::size_t at = 0;
    std::int64_t count = 0;
    if (const Parsed head = read_length(buffer, '*', words_max, at, count);
        head != Parsed::complete) {
        return head;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t length = 0;
        if (const Parsed head = read_length(buffer, '$', bulk_bytes_max, at, length);
            head != Parsed::complete) {
            return head;
        }
        const auto bytes = static_cast<std::size_t>(length);
        if (buffer.size() < at + bytes + 2) return Parsed::partial;
        if (buffer.substr(at + bytes, 2) != "\r\n") return Parsed::broken;
        words.push_back(buffer.substr(at, bytes));
        at += bytes + 2;
    }
    used = at;
    return Parsed::complete;
}

std::string resp_simple(std::string_view text) {
    return fmt::format("+{}\r\n", text);
}
std::string resp_error(std::string_view text) {
    return fmt::format("-{}\r\n", text);
}
std::string resp_integer(std::int64_t value) {
    return fmt::format(":{}\r\n", value);
}
std::string resp_bulk(std::string_view text) {
    return fmt::format("${}\r\n{}\r\n", text.size(), text);
}
std::string resp_absent() {
    return "$-1\r\n";
}

std::string resp_array(const std::vector<std::string>& elements) {
    std::string reply = fmt::format("*{}\r\n", elements.size());
    for (const std::string& element : elements)
        reply += element;
    return reply;
}

std::string resp_request(const Words& words) {
    std::string request = fmt::format("*{}\r\n", words.size());
    for (const std::string_view word : words)
        request += resp_bulk(word);
    return request;
}

}  // namespace metronome
