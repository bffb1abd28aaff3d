// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"

namespace faultline {
inline namespace probes {

/// A reply in the Redis protocol, version 2.
/// Source: https://redis.io/docs/reference/protocol-spec/
struct RespValue {
    enum class Type { text, error, integer, array, null };
    Type type = Type::null;
    std::string text{};                 // simple and bulk strings, errors, integers as written
    std::vector<RespValue> elements{};  // array
};

/// A command as the server reads it.
[[nodiscard]] std::string encode_resp(const std::vector<std::string>& words);

/// What the front of a stream holds: a whole value and its length, or length 0 when more must come.
struct RespParse {
    RespValue value{};
    std::size_t bytes = 0;
};
/// Errors: bytes that are not the protocol, values nested or sized beyond any probe's reply.
[[nodiscard]] Result<RespParse> parse_resp(std::string_view stream);

}  // namespace probes
}  // namespace faultline
