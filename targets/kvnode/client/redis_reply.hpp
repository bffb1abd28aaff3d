// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/resp.hpp"
#include "targets/core/guard/call.hpp"

namespace kvnode::client {

using ftcore::ErrorCode;
using ftcore::Retry;
using ftcore::guard::CallError;
using ftcore::guard::CallResult;

struct RedisAddress {
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const RedisAddress&, const RedisAddress&) = default;
};

/// "127.0.0.1:7001", "[::1]:7001", "host:7001". Errors: with an example.
[[nodiscard]] faultline::Result<RedisAddress> parse_address(std::string_view text);
[[nodiscard]] std::string spell(const RedisAddress& address);

/// An answer that keeps its texts. Errors of the server are `CallError`s, except inside arrays.
struct RedisReply {
    faultline::RespValue::Type type = faultline::RespValue::Type::nil;
    std::string text{};
    std::int64_t integer = 0;
    std::vector<RedisReply> elements{};

    [[nodiscard]] bool is_nil() const { return type == faultline::RespValue::Type::nil; }
};
[[nodiscard]] RedisReply reply_of(const faultline::RespValue& value);

/// What an error reply says about trying again, by its first word: "READONLY ..." was surely not
/// done and belongs to another node, "ERR ..." fails again.
/// Source: redis.io/docs/reference/protocol-spec and the replies of Redis 7 and kvnode.
[[nodiscard]] CallError error_of(std::string_view error_reply);

/// Where an error reply points: "MOVED 3999 127.0.0.1:6381".
[[nodiscard]] std::optional<RedisAddress> redirect_of(std::string_view error_reply);

/// Commands that read only: doing them twice is like doing them once.
[[nodiscard]] bool reads_only(std::string_view command);

}  // namespace kvnode::client
