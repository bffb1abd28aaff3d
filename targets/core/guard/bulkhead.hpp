// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "targets/core/guard/deadline.hpp"

namespace ftcore::guard {

struct BulkheadSettings {
    std::size_t running_max = 16;
    std::size_t waiting_max = 64;  // more are refused at once
    Duration wait_max = std::chrono::milliseconds(500);
};

/// Gives one use of a service a bounded share of the caller: so many calls at a time, so many more
/// in the queue, each for so long. Who is refused knows it at once, which a full thread pool cannot
/// say. Source: Nygard, "Release It!" (2nd edition, 2018), section "Bulkheads". Thread: one owner.
/// For threads that block: `BulkheadLayer`.
class Bulkhead {
  public:
    using Ticket = std::uint64_t;
    enum class Entry : std::uint8_t { started, waiting, refused };
    struct Admission {
        Entry entry = Entry::refused;
        Ticket ticket = 0;
    };

    /// Requires: running_max > 0.
    explicit Bulkhead(BulkheadSettings settings);

    /// A call wants in. `waiting`: `leave` or `expire` decides.
    [[nodiscard]] Admission enter(Instant now, Deadline deadline);
    /// A started call has ended. The one to start now, if any: the longest waiting in time.
    [[nodiscard]] std::optional<Ticket> leave(Instant now);
    /// Who has waited too long; they are out.
    [[nodiscard]] std::vector<Ticket> expire(Instant now);
    /// A waiting call gives up. False: it does not wait (any more).
    bool cancel(Ticket ticket);
    /// When `expire` has something to do next.
    [[nodiscard]] Deadline deadline() const;
    /// Until when one call waits. Requires: it waits.
    [[nodiscard]] Deadline deadline_of(Ticket ticket) const;

    [[nodiscard]] std::size_t running() const { return running_; }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  private:
    struct Waiting {
        Ticket ticket;
        Deadline deadline;
    };

    BulkheadSettings settings_;
    std::size_t running_ = 0;
    Ticket last_ticket_ = 0;
    std::deque<Waiting> waiting_;
};

}  // namespace ftcore::guard
