// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "harness/load/address.hpp"
#include "harness/load/operation_store.hpp"
#include "harness/load/poller.hpp"
#include "harness/load/protocol.hpp"

namespace faultline {

/// The connections of a load: given an operation, they send it, match the reply and write its fate.
///
///     waiting --retry--> connecting --> ready --loss or timeout--> waiting
///                            `--refused or late--> waiting, after a pause that doubles
///
/// Reconnection policy: a connection that had served reconnects at once; every failed attempt is
/// followed by a pause of `reconnect_first`, doubling to `reconnect_max`. While the route is still
/// searching, connections wait for its answer instead.
///
/// With `redirects`, an operation that was surely not executed (the instance said so, or nothing
/// was sent) does not end but waits to be sent again, the oldest first, until its deadline; and all
/// connections to an instance that said so are given up.
/// Thread: the generator's.
class Pool {
  public:
    Pool(const LoadSpec& spec, Protocol& protocol, OperationStore& store, Poller& poller);

    /// Begins to connect all.
    void open(Instant now);
    [[nodiscard]] bool all_ready() const { return ready_count_ == connections_.size(); }

    /// Encodes operation `index` for the next connection that has room, in turn. False: none has.
    [[nodiscard]] bool give(std::uint32_t index);
    /// Encodes operations that wait to be sent again, as long as there is room.
    void give_again();
    /// Whether operation `index` waited to be sent again; it does no more.
    [[nodiscard]] bool take_waiting(std::uint32_t index);
    /// How many operations have been sent again. Thread: any.
    [[nodiscard]] std::uint64_t redirected() const { return redirected_; }
    /// Operations before `index` had to wait for room; their lag is written already.
    void stamp_only_from(std::size_t index) { stamp_from_ = index; }
    /// Hands what was encoded to the kernel and stamps the lag of each operation in it.
    void flush();
    /// Reads and matches replies, completes connects.
    void handle(const epoll_event& event);
    /// Starts due attempts, ends late ones. Returns when it wants to be called again.
    Instant maintain(Instant now);
    /// Gives up connections whose oldest request has timed out, where the protocol says so.
    void drop_expired(Instant now);

    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
    [[nodiscard]] bool any_ready() const { return ready_count_ > 0; }
    /// Whether an attempt to connect has failed since the last call.
    [[nodiscard]] bool take_attempt_failed() { return std::exchange(attempt_failed_, false); }

  private:
    enum class State : std::uint8_t { waiting, connecting, ready };
    struct Connection {
        int number = 0;
        UniqueFd fd{};
        State state = State::waiting;
        bool blocked = false;  // the kernel took less than was given
        bool last = false;     // nothing more may be sent here
        bool served = false;   // something was answered here
        std::uint8_t endpoint = 0xFF;
        std::uint32_t unstamped = 0;  // the newest of in_flight, encoded but not sent
        std::deque<std::uint32_t>
            in_flight{};  // in order of sending, also those given up by timeout
        std::string out{};
        std::string in{};
        Instant attempt_at{};  // waiting: when to try; connecting: when it is too late
        Duration pause{};
    };

    [[nodiscard]] bool has_room(const Connection& connection) const;
    void encode_for(Connection& connection, std::uint32_t index);
    void attempt(Connection& connection, Instant now);
    void attempt_failed(Connection& connection, Instant now);
    void connected(Connection& connection);
    void stamp(Connection& connection, Instant now);
    void send(Connection& connection);
    void receive(Connection& connection);
    std::size_t match(Connection& connection, std::string_view input, bool ended, Instant now);
    void wait_again(std::uint32_t index);
    void leave_endpoint(const Connection& wrong, Instant now);
    void lose(Connection& connection, Instant now);
    void close(Connection& connection);
    void connect_operation(Connection& connection, std::uint32_t index);
    void end_connect_operation(Connection& connection, int error);

    const LoadSpec& spec_;
    Protocol& protocol_;
    const ProtocolTraits traits_;
    OperationStore& store_;
    Poller& poller_;
    std::vector<Connection> connections_;
    std::vector<int> unsent_{};  // connections with something encoded
    std::size_t next_ = 0;       // whose turn it is
    std::size_t ready_count_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t stamp_from_ = 0;
    std::set<std::uint32_t> again_{};              // waiting to be sent again
    std::unordered_set<std::uint32_t> stamped_{};  // sent before: their lag stays what it was
    std::atomic<std::uint64_t> redirected_{0};
    bool attempt_failed_ = false;
    std::uint64_t route_failures_ = 0;
    std::vector<char> buffer_;
};

}  // namespace faultline
