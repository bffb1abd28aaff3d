// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Replies of the Redis protocol, version 2, as text. Each appends nothing but returns its bytes.
namespace kvnode::reply {

[[nodiscard]] inline std::string simple(std::string_view text) {
    return "+" + std::string(text) + "\r\n";
}
/// `text` begins with the code: "ERR no such command". Line ends in it become blanks.
[[nodiscard]] inline std::string error(std::string_view text) {
    std::string line = "-" + std::string(text);
    for (char& byte : line) {
        if (byte == '\r' || byte == '\n') byte = ' ';
    }
    return line + "\r\n";
}
[[nodiscard]] inline std::string integer(std::int64_t value) {
    return ":" + std::to_string(value) + "\r\n";
}
[[nodiscard]] inline std::string bulk(std::string_view text) {
    std::string out = "$" + std::to_string(text.size()) + "\r\n";
    out.append(text);
    return out + "\r\n";
}
[[nodiscard]] inline std::string nil() {
    return "$-1\r\n";
}
/// Followed by `count` replies.
[[nodiscard]] inline std::string array(std::size_t count) {
    return "*" + std::to_string(count) + "\r\n";
}

}  // namespace kvnode::reply
