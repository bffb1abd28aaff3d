// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace metronome {

/// How far a buffer went: a whole request, the beginning of one, or something else.
enum class Parsed { complete, partial, broken };

/// The words of a request: views into the buffer it was parsed from.
using Words = std::vector<std::string_view>;

/// Reads one request, an array of bulk strings, from the start of `buffer`; `used` bytes of it when
/// complete.
/// Source: Redis serialization protocol specification, RESP2.
[[nodiscard]] Parsed parse_request(std::string_view buffer, Words& words, std::size_t& used);

// Replies, spelled for the wire.
[[nodiscard]] std::string resp_simple(std::string_view text);                    // +OK
[[nodiscard]] std::string resp_error(std::string_view text);                     // -ERR ...
[[nodiscard]] std::string resp_integer(std::int64_t value);                      // :1
[[nodiscard]] std::string resp_bulk(std::string_view text);                      // $3 abc
[[nodiscard]] std::string resp_absent();                                         // $-1
[[nodiscard]] std::string resp_array(const std::vector<std::string>& elements);  // of replies
/// A request, as a client would send it.
[[nodiscard]] std::string resp_request(const Words& words);

}  // namespace metronome
