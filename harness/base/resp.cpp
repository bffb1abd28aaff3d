// SPDX-License-Identifier: Apache-2.0
#include "harness/base/resp.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace faultline {
namespace {

constexpr int depth_max = 8;
constexpr std::int64_t elements_max = 1 << 20;
constexpr std::int64_t bulk_bytes_max = std::int64_t{512} << 20;
/// The longest line that may be waited for: errors and simple strings.
constexpr std::size_t line_bytes_max = 64 * 1024;

RespParse broken() {
    return {RespParse::State::broken, 0, {}};
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

RespParse parse_at(std::string_view input, int depth);

RespParse parse_bulk(std::string_view input, std::size_t begin, std::int64_t length) {
    if (length == -1) return {RespParse::State::complete, begin, {RespValue::Type::nil}};
    if (length < 0 || length > bulk_bytes_max) return broken();
    const auto bytes = static_cast<std::size_t>(length);
    if (input.size() < begin + bytes + 2) return {};
    if (input.substr(begin + bytes, 2) != "\r\n") return broken();
    return {RespParse::State::complete,
            begin + bytes + 2,
            {RespValue::Type::bulk, input.substr(begin, bytes)}};
}

RespParse parse_array(std::string_view input, std::size_t begin, std::int64_t count, int depth) {
    if (count == -1) return {RespParse::State::complete, begin, {RespValue::Type::nil}};
    if (count < 0 || count > elements_max || depth == depth_max) return broken();
    RespParse array{RespParse::State::complete, begin, {RespValue::Type::array}};
    for (std::int64_t i = 0; i < count; ++i) {
        RespParse element = parse_at(input.substr(array.bytes), depth + 1);
        if (element.state != RespParse::State::complete) return {element.state, 0, {}};
        array.bytes += element.bytes;
        array.value.elements.push_back(std::move(element.value));
    }
    return array;
}

RespParse parse_at(std::string_view input, int depth) {
    if (input.empty()) return {};
    const std::size_t line_end = input.find('\r');
    if (line_end == std::string_view::npos || line_end + 1 >= input.size()) {
        return input.size() > line_bytes_max ? broken() : RespParse{};
    }
    if (input[line_end + 1] != '\n') return broken();
    const std::string_view line = input.substr(1, line_end - 1);
    const std::size_t begin = line_end + 2;
    switch (input[0]) {
        case '+':
            return {RespParse::State::complete, begin, {RespValue::Type::simple, line}};
        case '-':
            return {RespParse::State::complete, begin, {RespValue::Type::error, line}};
        case ':':
        case '$':
        case '*':
            break;
        default:
            return broken();
    }
    const auto number = whole_number(line);
    if (!number) return broken();
    if (input[0] == '$') return parse_bulk(input, begin, *number);
    if (input[0] == '*') return parse_array(input, begin, *number, depth);
    return {RespParse::State::complete, begin, {RespValue::Type::integer, line, *number}};
}

void append_number(std::string& out, char mark, std::size_t number) {
    std::array<char, 24> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out += mark;
    out.append(digits.data(), end);
    out += "\r\n";
}

}  // namespace

RespParse parse_resp(std::string_view input) {
    return parse_at(input, 0);
}

void append_command(std::string& out, std::span<const std::string_view> words) {
    append_number(out, '*', words.size());
    for (const std::string_view word : words) {
        append_number(out, '$', word.size());
        out += word;
        out += "\r\n";
    }
}

std::string command_text(std::span<const std::string_view> words) {
    std::string text;
    append_command(text, words);
    return text;
}

}  // namespace faultline
