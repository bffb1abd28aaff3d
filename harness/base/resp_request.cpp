// SPDX-License-Identifier: Apache-2.0
#include "harness/base/resp_request.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace faultline {
namespace {

RespRequest refused(std::string reason) {
    return {.state = RespRequest::State::broken,
            .error = "ERR Protocol error: " + std::move(reason)};
}

char printable(char byte) {
    return byte >= ' ' && byte <= '~' ? byte : '?';
}

/// A header line "*3" or "$5".
struct RequestHeader {
    enum class State : std::uint8_t { complete, incomplete, broken };
    State state = State::incomplete;
    std::int64_t number = 0;
    std::size_t bytes = 0;
};

/// Longer than any number and its line end.
constexpr std::size_t header_bytes_max = 24;

RequestHeader parse_request_header(std::string_view rest) {
    const std::size_t end = rest.substr(0, header_bytes_max).find("\r\n");
    if (end == std::string_view::npos) {
        return {.state = rest.size() >= header_bytes_max ? RequestHeader::State::broken
                                                         : RequestHeader::State::incomplete};
    }
    RequestHeader header{.state = RequestHeader::State::complete, .bytes = end + 2};
    const char* const last = rest.data() + end;
    const auto [stop, error] = std::from_chars(rest.data() + 1, last, header.number);
    if (error != std::errc() || stop != last) header.state = RequestHeader::State::broken;
    return header;
}

RespRequest parse_inline_request(std::string_view input, const RespRequestLimits& limits) {
    const std::size_t end = input.substr(0, limits.inline_bytes).find('\n');
    if (end == std::string_view::npos) {
        if (input.size() >= limits.inline_bytes) return refused("too big inline request");
        return {};
    }
    RespRequest request{.state = RespRequest::State::complete, .bytes = end + 1};
    std::string_view line = input.substr(0, end);
    constexpr std::string_view blanks = " \t\r";
    while (true) {
        const std::size_t begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return request;
        const std::size_t stop = std::min(line.find_first_of(blanks, begin), line.size());
        request.words.push_back(line.substr(begin, stop - begin));
        line.remove_prefix(stop);
    }
}

}  // namespace

RespRequest parse_resp_request(std::string_view input, const RespRequestLimits& limits) {
    if (input.empty()) return {};
    if (input.front() != '*') return parse_inline_request(input, limits);
    const RequestHeader count = parse_request_header(input);
    if (count.state == RequestHeader::State::incomplete) return {};
    if (count.state == RequestHeader::State::broken) return refused("invalid multibulk length");
    if (count.number > static_cast<std::int64_t>(limits.words))
        return refused(
            fmt::format("{} words in a request, the limit is {}", count.number, limits.words));
    RespRequest request{.bytes = count.bytes};
    // Grows with what has arrived, not with what was announced.
    for (std::int64_t index = 0; index < count.number; ++index) {
        const std::string_view rest = input.substr(request.bytes);
        if (rest.empty()) return {};
        if (rest.front() != '$')
            return refused(fmt::format("expected '$', got '{}'", printable(rest.front())));
        const RequestHeader length = parse_request_header(rest);
        if (length.state == RequestHeader::State::incomplete) return {};
        if (length.state == RequestHeader::State::broken || length.number < 0)
            return refused("invalid bulk length");
        const auto size = static_cast<std::size_t>(length.number);
        if (size > limits.word_bytes) {
            return refused(
                fmt::format("a value of {} bytes, the limit is {}", size, limits.word_bytes));
        }
        if (request.bytes + length.bytes + size > limits.request_bytes) {
            return refused(fmt::format("a request of more than {} bytes", limits.request_bytes));
        }
        if (rest.size() < length.bytes + size + 2) return {};
        if (rest.substr(length.bytes + size, 2) != "\r\n")
            return refused("a bulk string without its line end");
        request.words.push_back(rest.substr(length.bytes, size));
        request.bytes += length.bytes + size + 2;
    }
    request.state = RespRequest::State::complete;
    return request;
}

}  // namespace faultline
