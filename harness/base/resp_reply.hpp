// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Replies of the Redis protocol, version 2, spelled for the wire.
/// Source: https://redis.io/docs/reference/protocol-spec
namespace faultline::resp_reply {

[[nodiscard]] std::string simple(std::string_view text);
/// `text` begins with the code: "ERR no such command". Line ends in it become blanks.
[[nodiscard]] std::string error(std::string_view text);
[[nodiscard]] std::string integer(std::int64_t value);
[[nodiscard]] std::string bulk(std::string_view text);
[[nodiscard]] std::string nil();
/// The head of an array: `count` replies follow it.
[[nodiscard]] std::string array(std::size_t count);

}  // namespace faultline::resp_reply
