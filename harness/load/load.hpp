// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/random.hpp"
#include "harness/base/result.hpp"
#include "harness/base/time.hpp"
#include "harness/scenario/catalog.hpp"
#include "harness/scenario/model.hpp"
#include "harness/timeline/operation.hpp"

namespace faultline {

/// Where an instance can be reached.
struct Endpoint {
    std::string instance;  // "redis[0]"
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    struct Address {
        std::string host;
        std::uint16_t port = 0;
    };
    /// Other addresses that servers may call it by: its own where it is reached through a link, and
    /// those by which others reach it. They are never connected to.
    std::vector<Address> also{};
};

/// What the load is told about the world. Endpoints are fixed for a trial; who is primary changes.
struct LoadTargets {
    std::vector<Endpoint> endpoints;    // of the instances `to` could ever mean, in index order
    std::vector<Endpoint> sentinels{};  // of the target named by the redis driver's "sentinel"
    /// For drivers that cannot ask by themselves who has a role (http, tcp, exec): the indices of
    /// `endpoints` that `to` means right now. Thread: called from the load's threads.
    std::function<std::vector<int>()> current{};
};

/// What can be seen of a running load from another thread. Values are for display and for steady
/// state; the operation log is complete only after `stop`.
struct LoadProgress {
    std::uint64_t intended = 0;
    std::uint64_t ok = 0;
    std::uint64_t failed = 0;
    std::uint64_t unknown = 0;
    std::uint64_t redirected = 0;  // sent again after an answer that meant: not here, not now
};

/// Reading back what was acknowledged, and judging what was read on the way.
struct WriteCheck {
    std::uint64_t acknowledged = 0;        // writes that were ok
    std::uint64_t unknown = 0;             // writes with unknown outcome
    std::uint64_t lost = 0;                // acknowledged, then absent and not overwritten
    std::vector<std::string> lost_keys{};  // at most 100, for people
    std::string note{};                    // why it could not be checked, if so
    bool checked = false;

    // From the log alone: there also when nothing could be read back. See stale_reads.hpp.
    std::uint64_t reads_checked = 0;        // 0: there was nothing to judge
    std::uint64_t stale_reads = 0;          // of those, that a linearizable service cannot answer
    std::vector<std::string> stale_keys{};  // at most 100, for people
};

/// Open-loop load on threads of its own: the schedule decides when an operation starts, never the
/// previous reply, and latency counts from that intended start.
/// Thread: the functions here are for the trial's thread.
class Load {
  public:
    virtual ~Load() = default;

    /// Starts the threads and the schedule.
    [[nodiscard]] virtual Result<> start() = 0;
    /// Ends the schedule; in-flight operations get until their timeout. Then the log is complete.
    virtual void stop() = 0;

    [[nodiscard]] virtual LoadProgress progress() const = 0;
    /// Copies the records of operations whose fate is settled, from index `first` on, up to the
    /// first that is still in flight: for watching steady state and recovery while the load runs.
    [[nodiscard]] virtual std::vector<Operation> settled_since(std::size_t first) const = 0;

    /// Requires: stopped. Moves the complete log out.
    [[nodiscard]] virtual OperationLog take_log() = 0;
    [[nodiscard]] virtual std::vector<std::string> operation_kinds() const = 0;

    /// Reads back every key written, from where `to` points now, and counts what was acknowledged
    /// and is gone; counts the reads of the log that were stale. Requires: stopped, before
    /// `take_log`. Bounded by `deadline`.
    [[nodiscard]] virtual WriteCheck check_writes(Instant deadline) = 0;
};

/// Makes the load a scenario asks for. Errors: a driver's own complaint.
[[nodiscard]] Result<std::unique_ptr<Load>> make_load(const LoadSpec& spec,
                                                      LoadTargets targets,
                                                      Random random);

/// The drivers, sorted by name.
[[nodiscard]] const std::vector<Kind>& driver_kinds();

}  // namespace faultline
