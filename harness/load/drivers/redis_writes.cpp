// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/redis_writes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <tuple>

#include "harness/base/check.hpp"

namespace faultline {
namespace {

bool acknowledged(const Operation& operation) {
    return operation.outcome == Outcome::ok;
}

std::uint64_t lost_of_set(const OperationLog& log,
                          const WrittenKey& key,
                          const std::optional<std::string_view>& value) {
    std::int64_t last_sent = -1;
    for (const std::uint32_t write : key.writes) {
        if (acknowledged(log[write])) last_sent = std::max(last_sent, sent_ns(log[write]));
    }
    if (last_sent < 0) return 0;  // nothing was promised
    if (!value) return 1;
    const auto writer = sequence_in(*value);
    if (!writer || !std::binary_search(key.writes.begin(), key.writes.end(), *writer)) return 1;
    const Operation& present = log[*writer];
    if (!acknowledged(present)) return 0;
    return present.end_ns < last_sent ? 1 : 0;
}

std::uint64_t lost_of_append(const OperationLog& log,
                             const WrittenKey& key,
                             std::string_view value) {
    std::vector<std::uint32_t> present;
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        if (const auto sequence = sequence_in(value.substr(0, comma))) present.push_back(*sequence);
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
    std::sort(present.begin(), present.end());
    return static_cast<std::uint64_t>(
        std::count_if(key.writes.begin(), key.writes.end(), [&](std::uint32_t write) {
            return acknowledged(log[write]) &&
                   !std::binary_search(present.begin(), present.end(), write);
        }));
}

std::uint64_t lost_of_incr(const OperationLog& log, const WrittenKey& key, std::string_view value) {
    std::vector<std::uint32_t> answers;
    for (const std::uint32_t write : key.writes) {
        if (acknowledged(log[write])) answers.push_back(log[write].version);
    }
    std::uint64_t counter = 0;
    std::from_chars(value.data(), value.data() + value.size(), counter);
    std::sort(answers.begin(), answers.end());
    const auto different =
        static_cast<std::uint64_t>(std::unique(answers.begin(), answers.end()) - answers.begin());
    const std::uint64_t count = answers.size();
    return std::max(count - different, count - std::min(count, counter));
}

}  // namespace

void append_redis_key(std::string& out,
                      const std::string& prefix,
                      RedisOperation kind,
                      std::uint32_t key) {
    out += prefix;
    switch (kind) {
        case RedisOperation::set:
        case RedisOperation::get:
            break;
        case RedisOperation::incr:
            out += "counter:";
            break;
        case RedisOperation::append:
            out += "list:";
            break;
    }
    std::array<char, 16> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), key).ptr);
}

std::string redis_key(const std::string& prefix, RedisOperation kind, std::uint32_t key) {
    std::string text;
    append_redis_key(text, prefix, kind, key);
    return text;
}

std::optional<std::uint32_t> sequence_in(std::string_view value) {
    std::uint32_t sequence = 0;
    const char* const limit = value.data() + value.size();
    const auto [end, error] = std::from_chars(value.data(), limit, sequence);
    if (error != std::errc() || (end != limit && *end != ':')) return std::nullopt;
    return sequence;
}

std::uint32_t version_read(std::string_view value) {
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    const auto sequence = sequence_in(value);
    return sequence && *sequence < most ? *sequence + 1 : foreign_version;
}

WrittenKeys::WrittenKeys(const OperationLog& log) {
    for (std::size_t i = 0; i < log.size(); ++i) {
        if (log[i].kind != static_cast<std::uint8_t>(RedisOperation::get)) {
            writes_.push_back(static_cast<std::uint32_t>(i));
        }
    }
    const auto place = [&log](std::uint32_t write) {
        return std::tuple(log[write].kind, log[write].key, write);
    };
    std::sort(writes_.begin(), writes_.end(), [&](std::uint32_t a, std::uint32_t b) {
        return place(a) < place(b);
    });
    for (std::size_t begin = 0, end = 0; begin < writes_.size(); begin = end) {
        const Operation& first = log[writes_[begin]];
        while (end < writes_.size() && log[writes_[end]].kind == first.kind &&
               log[writes_[end]].key == first.key) {
            ++end;
        }
        keys_.push_back({static_cast<RedisOperation>(first.kind),
                         first.key,
                         std::span(writes_).subspan(begin, end - begin)});
    }
}

std::uint64_t count_lost(const OperationLog& log,
                         const WrittenKey& key,
                         const std::optional<std::string_view>& value) {
    switch (key.kind) {
        case RedisOperation::set:
            return lost_of_set(log, key, value);
        case RedisOperation::incr:
            return lost_of_incr(log, key, value.value_or(""));
        case RedisOperation::append:
            return lost_of_append(log, key, value.value_or(""));
        case RedisOperation::get:
            break;
    }
    FL_CHECK(key.kind != RedisOperation::get);
    return 0;
}

}  // namespace faultline
