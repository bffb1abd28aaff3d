// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/client/redis_reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace kvnode::client {
namespace {

struct KnownError {
    std::string_view word;
    ErrorCode code;
    Retry retry;
};

// Redis' own words and the names of ErrorCode, which kvnode puts in front.
constexpr std::array known_errors{
    KnownError{"ERR", ErrorCode::bad_request, Retry::never},
    KnownError{"WRONGTYPE", ErrorCode::wrong_type, Retry::never},
    KnownError{"WRONG_TYPE", ErrorCode::wrong_type, Retry::never},
    KnownError{"BAD_REQUEST", ErrorCode::bad_request, Retry::never},
    KnownError{"TOO_LARGE", ErrorCode::too_large, Retry::never},
    KnownError{"NOAUTH", ErrorCode::bad_request, Retry::never},
    KnownError{"NOPERM", ErrorCode::bad_request, Retry::never},
    KnownError{"OOM", ErrorCode::overloaded, Retry::later},
    KnownError{"MISCONF", ErrorCode::storage_failed, Retry::never},
    KnownError{"MOVED", ErrorCode::not_primary, Retry::elsewhere},
    KnownError{"READONLY", ErrorCode::not_primary, Retry::elsewhere},
    KnownError{"NOT_PRIMARY", ErrorCode::not_primary, Retry::elsewhere},
    KnownError{"STORAGE_FAILED", ErrorCode::storage_failed, Retry::elsewhere},
    KnownError{"CORRUPTED", ErrorCode::corrupted, Retry::elsewhere},
    KnownError{"NO_PRIMARY", ErrorCode::no_primary, Retry::later},
    KnownError{"MASTERDOWN", ErrorCode::no_primary, Retry::later},
    KnownError{"CLUSTERDOWN", ErrorCode::no_primary, Retry::later},
    KnownError{"NOREPLICAS", ErrorCode::no_primary, Retry::later},
    KnownError{"LOADING", ErrorCode::not_ready, Retry::later},
    KnownError{"NOT_READY", ErrorCode::not_ready, Retry::later},
    KnownError{"TRYAGAIN", ErrorCode::not_ready, Retry::later},
    KnownError{"DEADLINE_EXCEEDED", ErrorCode::deadline_exceeded, Retry::later},
    KnownError{"BUSY", ErrorCode::overloaded, Retry::later},
    KnownError{"OVERLOADED", ErrorCode::overloaded, Retry::later},
    KnownError{"TOO_MANY_CONNECTIONS", ErrorCode::too_many_connections, Retry::later},
    KnownError{"STORAGE_FULL", ErrorCode::storage_full, Retry::elsewhere},
    KnownError{"OUTCOME_UNKNOWN", ErrorCode::outcome_unknown, Retry::if_idempotent},
    KnownError{"UNKNOWN", ErrorCode::outcome_unknown, Retry::if_idempotent},
};

constexpr std::array read_commands{"GET",
                                   "MGET",
                                   "EXISTS",
                                   "PING",
                                   "ECHO",
                                   "ROLE",
                                   "INFO",
                                   "COMMAND",
                                   "HELLO",
                                   "FT.STATUS",
                                   "FT.ERRORS",
                                   "FT.HISTORY"};

bool same_letters(std::string_view a, std::string_view b) {
    const auto upper = [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char left, char right) {
        return upper(left) == upper(right);
    });
}

}  // namespace

faultline::Result<RedisAddress> parse_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const auto wrong = [text] {
        return faultline::fail(
            fmt::format("\"{}\" is not an address; write for example \"127.0.0.1:7001\"", text),
            faultline::ErrorCode::invalid);
    };
    if (colon == std::string_view::npos || colon == 0) return wrong();
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || host.empty())
        return wrong();
    return RedisAddress{std::string(host), port};
}

std::string spell(const RedisAddress& address) {
    const bool is_v6 = address.host.find(':') != std::string::npos;
    return is_v6 ? fmt::format("[{}]:{}", address.host, address.port)
                 : fmt::format("{}:{}", address.host, address.port);
}

RedisReply reply_of(const faultline::RespValue& value) {
    RedisReply reply{.type = value.type, .text = std::string(value.text), .integer = value.integer};
    for (const faultline::RespValue& element : value.elements)
        reply.elements.push_back(reply_of(element));
    return reply;
}

CallError error_of(std::string_view error_reply) {
    const std::string_view word = error_reply.substr(0, error_reply.find(' '));
    const auto known = std::find_if(known_errors.begin(),
                                    known_errors.end(),
                                    [word](const KnownError& row) { return row.word == word; });
    // A word nobody knows may stand for anything, also for something that was done.
    if (known == known_errors.end()) {
        return {ErrorCode::outcome_unknown, Retry::if_idempotent, std::string(error_reply), {}};
    }
    return {known->code, known->retry, std::string(error_reply), {}};
}

std::optional<RedisAddress> redirect_of(std::string_view error_reply) {
    if (!error_reply.starts_with("MOVED ")) return std::nullopt;
    const auto address = parse_address(error_reply.substr(error_reply.rfind(' ') + 1));
    if (!address) return std::nullopt;
    return *address;
}

bool reads_only(std::string_view command) {
    return std::any_of(read_commands.begin(), read_commands.end(), [command](const char* known) {
        return same_letters(command, known);
    });
}

}  // namespace kvnode::client
