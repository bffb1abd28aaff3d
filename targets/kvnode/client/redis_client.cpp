// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/client/redis_client.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/resp.hpp"
#include "targets/core/guard/compose.hpp"
#include "targets/core/guard/layers.hpp"
#include "targets/kvnode/client/redis_link.hpp"

namespace kvnode::client {

using faultline::Random;
using ftcore::guard::call_refused;
using ftcore::guard::CallContext;
using ftcore::guard::Deadline;
using ftcore::guard::DeadlineLayer;
using ftcore::guard::Guarded;
using ftcore::guard::RetryLayer;
using ftcore::guard::speaks_against_target;
using ftcore::guard::SystemClock;

namespace {

constexpr std::size_t nodes_max = 64;  // those told by redirects included

using RespType = faultline::RespValue::Type;

/// The primary that a replica's answer to ROLE names: ["slave", host, port, state, offset].
std::optional<RedisAddress> primary_in_role(const RedisReply& role) {
    if (role.type != RespType::array || role.elements.size() < 3) return std::nullopt;
    if (role.elements[0].text != "slave" || role.elements[1].text.empty()) return std::nullopt;
    const std::int64_t port = role.elements[2].integer;
    if (port <= 0 || port > 65535) return std::nullopt;
    return RedisAddress{role.elements[1].text, static_cast<std::uint16_t>(port)};
}

}  // namespace

struct RedisClient::State {
    struct Node {
        RedisAddress address;
        CircuitBreaker breaker;
    };

    explicit State(RedisClientSettings the_settings)
        : settings(std::move(the_settings)),
          guarded(DeadlineLayer(clock, settings.call_timeout),
                  RetryLayer(clock, settings.retry, Random(settings.seed))) {
        FL_CHECK(!settings.nodes.empty());
        for (const RedisAddress& address : settings.nodes)
            nodes.push_back({address, CircuitBreaker(settings.breaker)});
    }

    CallResult<RedisReply> attempt(const std::string& command, const CallContext& context);
    CallResult<RedisReply> exchange(const std::string& command, Deadline deadline);
    void follow(const CallError& error, Deadline deadline);
    void go_to(const RedisAddress& address);
    void go_to_next();

    RedisClientSettings settings;
    SystemClock clock{};
    Guarded<DeadlineLayer, RetryLayer> guarded;
    std::vector<Node> nodes;
    std::size_t current = 0;
    RedisLink link{};
};

CallResult<RedisReply> RedisClient::State::attempt(const std::string& command,
                                                   const CallContext& context) {
    const Deadline deadline =
        context.deadline.sooner(Deadline::after(clock.now(), settings.attempt_timeout));
    // A node whose breaker is open is passed over, while another one is left.
    std::optional<CircuitBreaker::Permit> permit;
    for (std::size_t passed = 0; passed < nodes.size(); ++passed) {
        permit = nodes[current].breaker.admit(clock.now());
        if (permit) break;
        go_to_next();
    }
    if (!permit) {
        return call_refused("breaker",
                            ErrorCode::overloaded,
                            Retry::later,
                            fmt::format("not called: none of {} nodes answers", nodes.size()));
    }
    const std::size_t called = current;
    auto reply = exchange(command, deadline);
    CircuitBreaker& breaker = nodes[called].breaker;
    if (reply) {
        breaker.succeeded(clock.now(), *permit);
        return reply;
    }
    if (speaks_against_target(reply.error())) {
        breaker.failed(clock.now(), *permit);
    } else {
        breaker.succeeded(clock.now(), *permit);  // it answered, if only that it is not its turn
    }
    follow(reply.error(), deadline);
    return reply;
}

CallResult<RedisReply> RedisClient::State::exchange(const std::string& command, Deadline deadline) {
    if (!link.usable()) {
        if (auto opened = link.open(nodes[current].address, deadline); !opened)
            return tl::unexpected(std::move(opened).error());
    }
    auto reply = link.exchange(command, deadline);
    if (reply && reply->type == RespType::error) return tl::unexpected(error_of(reply->text));
    return reply;
}

/// Chooses whom to ask next after a failure.
void RedisClient::State::follow(const CallError& error, Deadline deadline) {
    if (const auto moved = redirect_of(error.message)) return go_to(*moved);
    if (error.code == ErrorCode::not_primary) {
        const auto role = exchange(faultline::command_text({"ROLE"}), deadline);
        const auto primary = role ? primary_in_role(*role) : std::nullopt;
        if (primary && *primary != nodes[current].address) return go_to(*primary);
        return go_to_next();
    }
    switch (error.retry) {
        case Retry::elsewhere:
        case Retry::if_idempotent:
            return go_to_next();
        case Retry::later:
            // During an election the node at hand may be the one that knows least.
            if (error.code == ErrorCode::no_primary) go_to_next();
            return;
        case Retry::never:
            return;
    }
}

void RedisClient::State::go_to(const RedisAddress& address) {
    const auto known = std::find_if(
        nodes.begin(), nodes.end(), [&](const Node& node) { return node.address == address; });
    if (known == nodes.end() && nodes.size() >= nodes_max) return go_to_next();
    link.close();
    current = static_cast<std::size_t>(known - nodes.begin());
    if (known == nodes.end()) nodes.push_back({address, CircuitBreaker(settings.breaker)});
}

void RedisClient::State::go_to_next() {
    if (nodes.size() == 1) return;
    link.close();
    current = (current + 1) % nodes.size();
}

RedisClient::RedisClient(RedisClientSettings settings)
    : state_(std::make_unique<State>(std::move(settings))) {}
RedisClient::~RedisClient() = default;
RedisClient::RedisClient(RedisClient&&) noexcept = default;
RedisClient& RedisClient::operator=(RedisClient&&) noexcept = default;

CallResult<RedisReply> RedisClient::call(std::span<const std::string_view> words,
                                         std::optional<bool> idempotent) {
    FL_CHECK(!words.empty());
    const std::string command = faultline::command_text(words);
    const CallContext context{.idempotent = idempotent.value_or(reads_only(words.front()))};
    return state_->guarded(
        context, [&](const CallContext& attempt) { return state_->attempt(command, attempt); });
}

const RedisAddress& RedisClient::node() const {
    return state_->nodes[state_->current].address;
}

CircuitBreaker::State RedisClient::breaker_of(const RedisAddress& node) const {
    for (const State::Node& known : state_->nodes) {
        if (known.address == node) return known.breaker.state(state_->clock.now());
    }
    return CircuitBreaker::State::closed;
}

}  // namespace kvnode::client
