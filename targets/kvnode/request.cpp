// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/request.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace kvnode {
namespace {

RequestParse broken(std::string reason) {
    return {.state = RequestParse::State::broken, .reason = "Protocol error: " + std::move(reason)};
}

/// A header line "*3" or "$5" at `at`.
struct Header {
    enum class State : std::uint8_t { complete, incomplete, broken };
    State state = State::incomplete;
    std::int64_t number = 0;
    std::size_t bytes = 0;
};

/// Longer than any number and its line end.
constexpr std::size_t header_bytes_max = 24;

Header parse_header(std::string_view rest) {
    const std::size_t end = rest.substr(0, header_bytes_max).find("\r\n");
    if (end == std::string_view::npos) {
        return {.state = rest.size() >= header_bytes_max ? Header::State::broken
                                                         : Header::State::incomplete};
    }
    Header header{.state = Header::State::complete, .bytes = end + 2};
    const char* const last = rest.data() + end;
    const auto [stop, error] = std::from_chars(rest.data() + 1, last, header.number);
    if (error != std::errc() || stop != last) header.state = Header::State::broken;
    return header;
}

RequestParse parse_line(std::string_view input, const RequestLimits& limits) {
    const std::size_t end = input.substr(0, limits.inline_bytes).find('\n');
    if (end == std::string_view::npos) {
        if (input.size() >= limits.inline_bytes) return broken("too big inline request");
        return {};
    }
    RequestParse parse{.state = RequestParse::State::complete, .bytes = end + 1};
    std::string_view line = input.substr(0, end);
    constexpr std::string_view blanks = " \t\r";
    while (true) {
        const std::size_t begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return parse;
        const std::size_t stop = std::min(line.find_first_of(blanks, begin), line.size());
        parse.words.push_back(line.substr(begin, stop - begin));
        line.remove_prefix(stop);
    }
}

}  // namespace

RequestParse parse_request(std::string_view input, const RequestLimits& limits) {
    if (input.empty()) return {};
    if (input.front() != '*') return parse_line(input, limits);
    const Header count = parse_header(input);
    if (count.state == Header::State::incomplete) return {};
    if (count.state == Header::State::broken) return broken("invalid multibulk length");
    if (count.number > static_cast<std::int64_t>(limits.words))
        return broken(
            fmt::format("{} words in a request, the limit is {}", count.number, limits.words));
    RequestParse parse{.bytes = count.bytes};
    // Grows with what has arrived, not with what was announced.
    for (std::int64_t index = 0; index < count.number; ++index) {
        const std::string_view rest = input.substr(parse.bytes);
        if (rest.empty()) return {};
        if (rest.front() != '$')
            return broken(
                fmt::format("expected '$', got '{}'", rest.front() < ' ' ? '?' : rest.front()));
        const Header length = parse_header(rest);
        if (length.state == Header::State::incomplete) return {};
        if (length.state == Header::State::broken || length.number < 0)
            return broken("invalid bulk length");
        const auto size = static_cast<std::size_t>(length.number);
        if (size > limits.word_bytes) {
            return broken(
                fmt::format("a value of {} bytes, the limit is {}", size, limits.word_bytes));
        }
        if (parse.bytes + length.bytes + size > limits.request_bytes) {
            return broken(fmt::format("a request of more than {} bytes", limits.request_bytes));
        }
        if (rest.size() < length.bytes + size + 2) return {};
        if (rest.substr(length.bytes + size, 2) != "\r\n")
            return broken("a bulk string without its line end");
        parse.words.push_back(rest.substr(length.bytes, size));
        parse.bytes += length.bytes + size + 2;
    }
    parse.state = RequestParse::State::complete;
    return parse;
}

}  // namespace kvnode
