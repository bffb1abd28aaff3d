// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/data_commands.hpp"

#include <charconv>
#include <limits>
#include <optional>

#include "harness/base/resp_reply.hpp"
#include "targets/kvnode/store.hpp"

namespace kvnode {

namespace reply = faultline::resp_reply;

namespace {

constexpr std::string_view not_a_number = "ERR value is not an integer or out of range";
constexpr std::string_view too_long = "ERR string exceeds maximum allowed size (8 MiB)";

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    return number;
}

std::string bulk_or_nil(const std::optional<std::string_view>& value) {
    return value ? reply::bulk(*value) : reply::nil();
}

std::string add(Store& store, std::string_view key, std::int64_t increment) {
    std::int64_t value = 0;
    if (const auto old = store.get(key)) {
        const auto number = number_of(*old);
        if (!number) return reply::error(not_a_number);
        value = *number;
    }
    if (__builtin_add_overflow(value, increment, &value))
        return reply::error("ERR increment or decrement would overflow");
    store.set(key, std::to_string(value));
    return reply::integer(value);
}

bool is_word(std::string_view word, std::string_view upper) {
    if (word.size() != upper.size()) return false;
    for (std::size_t index = 0; index < word.size(); ++index) {
        if ((word[index] & ~0x20) != upper[index]) return false;
    }
    return true;
}

}  // namespace

std::string run_append(Store& store, const Words& words) {
    std::string value(store.get(words[1]).value_or(""));
    if (value.size() + words[2].size() > value_bytes_max) return reply::error(too_long);
    value += words[2];
    store.set(words[1], value);
    return reply::integer(static_cast<std::int64_t>(value.size()));
}

std::string run_dbsize(Store& store, const Words&) {
    return reply::integer(static_cast<std::int64_t>(store.size()));
}

std::string run_decr(Store& store, const Words& words) {
    return add(store, words[1], -1);
}

std::string run_decrby(Store& store, const Words& words) {
    const auto decrement = number_of(words[2]);
    if (!decrement || *decrement == std::numeric_limits<std::int64_t>::min())
        return reply::error(not_a_number);
    return add(store, words[1], -*decrement);
}

std::string run_del(Store& store, const Words& words) {
    std::int64_t count = 0;
    for (std::size_t index = 1; index < words.size(); ++index)
        count += store.erase(words[index]);
    return reply::integer(count);
}

std::string run_exists(Store& store, const Words& words) {
    std::int64_t count = 0;
    for (std::size_t index = 1; index < words.size(); ++index)
        count += store.get(words[index]).has_value();
    return reply::integer(count);
}

std::string run_get(Store& store, const Words& words) {
    return bulk_or_nil(store.get(words[1]));
}

std::string run_getdel(Store& store, const Words& words) {
    std::string answer = bulk_or_nil(store.get(words[1]));
    store.erase(words[1]);
    return answer;
}

std::string run_incr(Store& store, const Words& words) {
    return add(store, words[1], 1);
}

std::string run_incrby(Store& store, const Words& words) {
    const auto increment = number_of(words[2]);
    if (!increment) return reply::error(not_a_number);
    return add(store, words[1], *increment);
}

std::string run_mget(Store& store, const Words& words) {
    std::string out = reply::array(words.size() - 1);
    for (std::size_t index = 1; index < words.size(); ++index)
        out += bulk_or_nil(store.get(words[index]));
    return out;
}

std::string run_mset(Store& store, const Words& words) {
    if (words.size() % 2 == 0)
        return reply::error("ERR wrong number of arguments for 'mset' command");
    for (std::size_t index = 1; index + 1 < words.size(); index += 2)
        store.set(words[index], words[index + 1]);
    return reply::simple("OK");
}

std::string run_set(Store& store, const Words& words) {
    bool if_absent = false;
    bool if_present = false;
    bool give_old = false;
    for (std::size_t index = 3; index < words.size(); ++index) {
        if (is_word(words[index], "NX"))
            if_absent = true;
        else if (is_word(words[index], "XX"))
            if_present = true;
        else if (is_word(words[index], "GET"))
            give_old = true;
        else
            return reply::error("ERR syntax error: SET takes NX, XX and GET here, and no expiry");
    }
    if (if_absent && if_present)
        return reply::error("ERR syntax error: NX and XX exclude each other");
    const auto old = store.get(words[1]);
    const bool sets = !(if_absent && old) && !(if_present && !old);
    std::string answer = give_old ? bulk_or_nil(old) : (sets ? reply::simple("OK") : reply::nil());
    if (sets) store.set(words[1], words[2]);
    return answer;
}

std::string run_setnx(Store& store, const Words& words) {
    if (store.get(words[1])) return reply::integer(0);
    store.set(words[1], words[2]);
    return reply::integer(1);
}

std::string run_strlen(Store& store, const Words& words) {
    return reply::integer(static_cast<std::int64_t>(store.get(words[1]).value_or("").size()));
}

}  // namespace kvnode
