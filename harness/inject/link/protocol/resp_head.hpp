// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "harness/inject/link/protocol/request.hpp"

namespace faultline::link {

/// The most words that a request may announce, as in Redis.
inline constexpr std::int64_t resp_words_max = 1 << 20;

/// The begin of a request: as many words as tell its command and key. A word that would make it
/// longer than `head_bytes_max` is not waited for; what would stand behind it is not known then.
struct RespHead {
    enum class State : std::uint8_t { incomplete, complete, broken };
    State state = State::incomplete;
    std::size_t bytes = 0;
    /// What follows: so many whole words, and before them the rest of one that has begun.
    std::uint64_t words_left = 0;
    bool within_word = false;
    std::uint64_t word_bytes_left = 0;  // without its line end
};

/// Reads the head of an array of bulk strings, or a whole inline command, into `request`.
/// Source: https://redis.io/docs/reference/protocol-spec
[[nodiscard]] RespHead read_resp_head(std::string_view input, Request& request);

}  // namespace faultline::link
