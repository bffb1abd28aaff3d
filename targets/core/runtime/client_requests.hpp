// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/failover/consensus.hpp"
#include "targets/core/runtime/node.hpp"

namespace ftcore {

/// Who waits for what: from a token to the callback of a write or a read, until it is settled or
/// its time is up. Every callback is called exactly once. Thread: the node's loop.
class ClientRequests {
  public:
    ClientRequests(Duration timeout, std::size_t pending_max)
        : timeout_(timeout), pending_max_(pending_max) {}

    /// Whether one more would be too many, with those that wait elsewhere.
    [[nodiscard]] bool full(std::size_t elsewhere = 0) const {
        return waiting_.size() + elsewhere >= pending_max_;
    }
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

    [[nodiscard]] std::uint64_t add_write(Instant now, Node::WriteDone done);
    [[nodiscard]] std::uint64_t add_read(Instant now, Node::ReadDone done);

    /// What consensus says; a read that may be answered waits until `applied` has reached its
    /// index.
    void answer(const Answer& answer, Index applied);
    /// The entry was applied: its writer gets the reply. Returns the latency of a write that
    /// waited.
    void applied(Instant now, const Entry& entry, std::string_view reply);
    /// Reads whose index has been reached are answered.
    void reached(Index applied);
    /// Answers what has waited too long.
    void expire(Instant now);
    /// Answers every write that waits; reads go on waiting.
    void fail_writes(ErrorCode outcome);
    /// Answers everything that waits.
    void fail_all(ErrorCode writes, ErrorCode reads);
    [[nodiscard]] std::optional<Instant> deadline() const;

    /// Latencies and outcomes since the last call, for the monitor.
    struct Settled {
        Duration latency{};
        ErrorCode outcome = ErrorCode::none;
    };
    [[nodiscard]] std::vector<Settled> take_settled();

  private:
    struct Waiting {
        Instant since{};
        Node::WriteDone write{};
        Node::ReadDone read{};
        Index index = 0;
        Term term = 0;
    };
    using Iterator = std::unordered_map<std::uint64_t, Waiting>::iterator;

    std::uint64_t add(Instant now, Waiting waiting);
    void settle(Iterator at, ErrorCode outcome, std::string_view reply);

    const Duration timeout_;
    const std::size_t pending_max_;
    std::uint64_t next_token_ = 1;
    Instant now_{};
    std::unordered_map<std::uint64_t, Waiting> waiting_;
    std::deque<std::pair<Instant, std::uint64_t>> deadlines_;  // in order: one timeout for all
    std::map<Index, std::uint64_t> writes_;                    // by the index they were given
    std::multimap<Index, std::uint64_t> reads_;                // by the index they need
    std::vector<Settled> settled_;
};

}  // namespace ftcore
