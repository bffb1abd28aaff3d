// SPDX-License-Identifier: Apache-2.0
#include "harness/base/base64.hpp"

#include <array>
#include <cstdint>

namespace faultline {
namespace {

constexpr std::string_view letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t no_letter = 0xFF;

constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_letter);
    for (std::size_t i = 0; i < letters.size(); ++i)
        table[static_cast<std::uint8_t>(letters[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
    while (!bytes.empty()) {
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group <<= 8U;
            if (i < bytes.size()) group |= static_cast<std::uint8_t>(bytes[i]);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const bool padding = i > bytes.size();
            out += padding ? '=' : letters[(group >> (18U - 6U * i)) & 63U];
        }
        bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3);
    }
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    text.remove_suffix(padding);
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const char letter : text) {
        const std::uint8_t value = values[static_cast<std::uint8_t>(letter)];
        if (value == no_letter) return std::nullopt;
        group = (group << 6U) | value;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>((group >> bits) & 0xFFU);
    }
    return bytes;
}

}  // namespace faultline
