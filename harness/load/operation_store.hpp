// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/base/time.hpp"
#include "harness/load/load.hpp"
#include "harness/timeline/operation.hpp"

namespace faultline {

/// How an operation ended.
struct Settlement {
    Outcome outcome = Outcome::ok;
    Failure failure = Failure::none;
    std::uint32_t version = 0;
};

/// Units: microseconds, saturating at both ends.
[[nodiscard]] std::uint32_t lag_between(Instant intended, Instant actual);

/// The operations of a running load: one thread writes, others may watch.
///
///     0 ........ settled() ........ size()
///     | fate known | some in flight |        what is below settled() never changes again
///
/// Every operation has the same timeout, so the order of intended starts is the order of deadlines:
/// the operation at settled() is always the next to expire, and no other queue of deadlines exists.
/// Memory: 32 bytes an operation.
/// Thread: one writer; `progress` and `settled_since` from any.
class OperationStore {
  public:
    /// 1,073,741,824 operations, 32 GiB: past what one trial can hold.
    static constexpr std::size_t chunk_count_max = 1 << 14;

    explicit OperationStore(Duration timeout);

    // ---- the writer's side
    /// Appends an operation that is meant to start at `intended`; its index is its sequence number.
    Operation& append(Instant intended);
    [[nodiscard]] std::size_t size() const { return log_.size(); }
    [[nodiscard]] bool full() const { return size() == chunk_count_max * OperationLog::chunk_size; }
    [[nodiscard]] Operation& operator[](std::size_t index) { return log_[index]; }
    [[nodiscard]] const Operation& operator[](std::size_t index) const { return log_[index]; }
    [[nodiscard]] bool is_settled(std::size_t index) const { return log_[index].end_ns != 0; }
    [[nodiscard]] Instant deadline(std::size_t index) const {
        return instant_of(log_[index].intended_ns) + timeout_;
    }
    /// Writes an operation's fate. One that ends after its deadline has timed out, whatever was
    /// said. Does nothing when its fate is known already. Requires: it was sent.
    void settle(std::size_t index, const Settlement& settlement, Instant end);
    /// The same without the deadline's say: for operations that were never sent.
    void settle_unsent(std::size_t index, Failure failure, Instant end);
    /// Moves settled() over operations whose fate is known and publishes it. Returns it.
    std::size_t publish();
    [[nodiscard]] std::size_t settled() const { return settled_; }

    // ---- everyone's
    [[nodiscard]] LoadProgress progress() const;
    [[nodiscard]] std::vector<Operation> settled_since(std::size_t first) const;

    /// Requires: the writer is done.
    [[nodiscard]] OperationLog take() { return std::move(log_); }
    [[nodiscard]] const OperationLog& log() const { return log_; }

  private:
    void finish(Operation& operation, const Settlement& settlement, Instant end);

    Duration timeout_;
    OperationLog log_;
    std::size_t settled_ = 0;
    std::array<std::uint64_t, 3> outcomes_{};  // by Outcome, the writer's own count

    // What other threads see; the log's own list of chunks may move while it grows.
    std::unique_ptr<std::array<std::atomic<const Operation*>, chunk_count_max>> chunks_;
    std::atomic<std::size_t> published_settled_{0};
    std::atomic<std::uint64_t> published_size_{0};
    std::array<std::atomic<std::uint64_t>, 3> published_outcomes_{};
};

}  // namespace faultline
