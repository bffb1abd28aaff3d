// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A value of the Redis protocol, version 2. Texts point into what was parsed.
/// Source: https://redis.io/docs/reference/protocol-spec
struct RespValue {
    enum class Type : std::uint8_t { simple, error, integer, bulk, nil, array };
    Type type = Type::nil;
    std::string_view text{};  // simple, error, bulk
    std::int64_t integer = 0;
    std::vector<RespValue> elements{};
};

/// What stands at the front of a stream.
struct RespParse {
    enum class State : std::uint8_t { complete, incomplete, broken };
    State state = State::incomplete;
    std::size_t bytes = 0;  // of the value, when complete
    RespValue value{};
};

/// Reads one value. Shape: arrays nest at most 8 deep and hold at most 2^20 elements; bulks are at
/// most 512 MiB, as in Redis; anything else is `broken`.
[[nodiscard]] RespParse parse_resp(std::string_view input);

/// Appends a command: an array of bulk strings.
void append_command(std::string& out, std::span<const std::string_view> words);
inline void append_command(std::string& out, std::initializer_list<std::string_view> words) {
    append_command(out, std::span(words.begin(), words.size()));
}
[[nodiscard]] std::string command_text(std::span<const std::string_view> words);
[[nodiscard]] inline std::string command_text(std::initializer_list<std::string_view> words) {
    return command_text(std::span(words.begin(), words.size()));
}

}  // namespace faultline
