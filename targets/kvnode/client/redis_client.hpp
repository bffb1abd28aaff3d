// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "targets/core/guard/call.hpp"
#include "targets/core/guard/circuit_breaker.hpp"
#include "targets/core/guard/retry.hpp"
#include "targets/kvnode/client/redis_reply.hpp"

namespace kvnode::client {

using faultline::Duration;
using ftcore::guard::BreakerSettings;
using ftcore::guard::CircuitBreaker;
using ftcore::guard::RetrySettings;

struct RedisClientSettings {
    std::vector<RedisAddress> nodes{};                   // any of the group, at least one
    Duration call_timeout = std::chrono::seconds(5);     // over all attempts
    Duration attempt_timeout = std::chrono::seconds(1);  // connect, send and receive
    RetrySettings retry{};
    BreakerSettings breaker{};  // one per node
    std::uint64_t seed = 1;     // of the pauses between attempts
};

/// A client of a group that speaks the Redis protocol: finds the primary, follows it when it moves,
/// tries again what is surely not done and, when it is idempotent, what is perhaps done.
///
///   call ─► deadline ─► retry ─► node? ─► breaker of the node ─► connection
///             ▲            ▲       │ who was last told or known to be primary, else the next one
///             └ call_timeout       └ MOVED, READONLY and lost connections change the choice
///
/// Thread: one owner; blocks.
class RedisClient {
  public:
    /// Requires: at least one node.
    explicit RedisClient(RedisClientSettings settings);
    ~RedisClient();
    RedisClient(RedisClient&&) noexcept;
    RedisClient& operator=(RedisClient&&) noexcept;

    /// One command. `idempotent`: whether doing it twice is like doing it once; absent: for
    /// commands that only read. Errors: the last attempt's; an error reply's text as the message.
    [[nodiscard]] CallResult<RedisReply> call(std::span<const std::string_view> words,
                                              std::optional<bool> idempotent = std::nullopt);
    [[nodiscard]] CallResult<RedisReply> call(std::initializer_list<std::string_view> words,
                                              std::optional<bool> idempotent = std::nullopt) {
        return call(std::span(words.begin(), words.size()), idempotent);
    }

    /// Whom the next call goes to.
    [[nodiscard]] const RedisAddress& node() const;
    [[nodiscard]] CircuitBreaker::State breaker_of(const RedisAddress& node) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kvnode::client
