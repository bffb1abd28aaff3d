// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/store.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "harness/base/resp_reply.hpp"

namespace metronome {

namespace reply = faultline::resp_reply;

namespace {

struct Rule {
    std::string_view name;
    Access access;
    std::size_t words_min;
    std::size_t words_max;
};

constexpr std::size_t any_count = std::numeric_limits<std::size_t>::max();
constexpr std::array rules{Rule{"SET", Access::write, 3, 3},
                           Rule{"GET", Access::read, 2, 2},
                           Rule{"INCR", Access::write, 2, 2},
                           Rule{"APPEND", Access::write, 3, 3},
                           Rule{"DEL", Access::write, 2, any_count},
                           Rule{"EXISTS", Access::read, 2, any_count},
                           Rule{"FLUSHALL", Access::write, 1, 2}};

const Rule* find_rule(std::string_view name) {
    for (const Rule& rule : rules) {
        if (rule.name == name) return &rule;
    }
    return nullptr;
}

std::string increment(std::string& value) {
    std::int64_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    const bool is_number = value.empty() || (error == std::errc() && stop == end);
    if (!is_number || number == std::numeric_limits<std::int64_t>::max()) {
        return reply::error("ERR value is not an integer or out of range");
    }
    value = std::to_string(++number);
    return reply::integer(number);
}

}  // namespace

Access access_of(std::string_view name) {
    const Rule* rule = find_rule(name);
    return rule == nullptr ? Access::none : rule->access;
}

std::string Store::execute(const Words& words) {
    const std::string_view name = words[0];
    const Rule* rule = find_rule(name);
    if (rule == nullptr || words.size() < rule->words_min || words.size() > rule->words_max) {
        return reply::error(fmt::format("ERR wrong number of arguments for '{}' command", name));
    }
    if (name == "SET") {
        values_[std::string(words[1])] = words[2];
        return reply::simple("OK");
    }
    if (name == "GET") {
        const auto found = values_.find(std::string(words[1]));
        return found == values_.end() ? reply::nil() : reply::bulk(found->second);
    }
    if (name == "INCR") return increment(values_[std::string(words[1])]);
    if (name == "APPEND") {
        std::string& value = values_[std::string(words[1])];
        value += words[2];
        return reply::integer(static_cast<std::int64_t>(value.size()));
    }
    if (name == "FLUSHALL") {
        values_.clear();
        return reply::simple("OK");
    }
    std::int64_t count = 0;  // DEL and EXISTS
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string key(words[i]);
        count += static_cast<std::int64_t>(name == "DEL" ? values_.erase(key) : values_.count(key));
    }
    return reply::integer(count);
}

}  // namespace metronome
