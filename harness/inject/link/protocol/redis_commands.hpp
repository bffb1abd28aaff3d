// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace faultline::link {

/// Where the first key of a Redis command stands among its words.
struct KeyPlace {
    /// Its index; absent: there is none, or more words are needed to tell.
    std::optional<std::size_t> index{};
    /// So many words tell more.
    std::size_t words_needed = 0;
};
/// `words`: as many as are known. For almost all commands it is the first argument, and for one
/// that knows no keys its first argument is taken for one.
[[nodiscard]] KeyPlace find_key(std::span<const std::string_view> words);

/// Whether what follows the command on its connection are not requests with one RESP2 reply each:
/// subscriptions, MONITOR, replication, RESP3, CLIENT REPLY.
[[nodiscard]] bool leads_away(std::string_view command, std::string_view first_argument);

/// The most words that `find_key` asks for.
inline constexpr std::size_t key_words_max = 32;

}  // namespace faultline::link
