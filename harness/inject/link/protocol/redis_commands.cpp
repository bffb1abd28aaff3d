// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/redis_commands.hpp"

#include <algorithm>
#include <array>

#include "harness/inject/link/protocol/ascii.hpp"

namespace faultline::link {
namespace {

template <std::size_t count>
bool is_one_of(std::string_view word, const std::array<std::string_view, count>& names) {
    return std::any_of(
        names.begin(), names.end(), [&](std::string_view name) { return same_name(name, word); });
}

/// Commands whose first key is not their first argument. Source: Redis 7.2, src/commands/*.json.
struct Exception {
    std::string_view command;
    std::size_t index;      // of the key
    std::size_t count = 0;  // index of how many keys there are; 0: there is always one
};
constexpr std::array exceptions{
    Exception{"bitop", 2},       Exception{"blmpop", 3, 2},     Exception{"bzmpop", 3, 2},
    Exception{"debug", 2},       Exception{"eval", 3, 2},       Exception{"eval_ro", 3, 2},
    Exception{"evalsha", 3, 2},  Exception{"evalsha_ro", 3, 2}, Exception{"fcall", 3, 2},
    Exception{"fcall_ro", 3, 2}, Exception{"lmpop", 2, 1},      Exception{"memory", 2},
    Exception{"migrate", 3},     Exception{"object", 2},        Exception{"sintercard", 2, 1},
    Exception{"xgroup", 2},      Exception{"xinfo", 2},         Exception{"zdiff", 2, 1},
    Exception{"zinter", 2, 1},   Exception{"zintercard", 2, 1}, Exception{"zmpop", 2, 1},
    Exception{"zunion", 2, 1}};

KeyPlace behind_streams(std::span<const std::string_view> words) {
    for (std::size_t index = 1; index < words.size(); ++index) {
        if (same_name(words[index], "streams")) return {index + 1, index + 2};
    }
    if (words.size() >= key_words_max) return {};
    return {.words_needed = words.size() + 1};
}

}  // namespace

KeyPlace find_key(std::span<const std::string_view> words) {
    if (words.empty()) return {.words_needed = 1};
    const std::string_view command = words.front();
    if (same_name(command, "xread") || same_name(command, "xreadgroup"))
        return behind_streams(words);
    for (const Exception& exception : exceptions) {
        if (!same_name(exception.command, command)) continue;
        if (exception.count > 0) {
            if (words.size() <= exception.count) return {.words_needed = exception.count + 1};
            if (words[exception.count] == "0") return {};
        }
        return {exception.index, exception.index + 1};
    }
    return {1, 2};
}

bool leads_away(std::string_view command, std::string_view first_argument) {
    constexpr std::array<std::string_view, 9> always{"monitor",
                                                     "psubscribe",
                                                     "psync",
                                                     "punsubscribe",
                                                     "ssubscribe",
                                                     "subscribe",
                                                     "sunsubscribe",
                                                     "sync",
                                                     "unsubscribe"};
    if (is_one_of(command, always)) return true;
    if (same_name(command, "hello")) return !first_argument.empty() && first_argument != "2";
    if (same_name(command, "client")) return same_name(first_argument, "reply");
    // A replica's acknowledgement, in the middle of a replication that began before we came.
    return same_name(command, "replconf") && same_name(first_argument, "ack");
}

}  // namespace faultline::link
