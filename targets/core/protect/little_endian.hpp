// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "harness/base/check.hpp"

namespace ftcore {

/// Appends `value` as sizeof(Number) bytes, lowest first.
template <class Number>
void put_number(std::string& out, Number value) {
    for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
        out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * byte)));
    }
}

/// The number at `offset`. Requires: that many bytes are there.
template <class Number>
[[nodiscard]] Number get_number(std::string_view bytes, std::size_t offset) {
    FL_CHECK_OP(<=, offset + sizeof(Number), bytes.size());
    std::uint64_t value = 0;
    for (std::size_t byte = 0; byte < sizeof(Number); ++byte) {
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[offset + byte]))
                 << (8 * byte);
    }
    return static_cast<Number>(value);
}

}  // namespace ftcore
