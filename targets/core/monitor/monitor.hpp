// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "targets/core/monitor/operations.hpp"
#include "targets/core/monitor/own_time.hpp"
#include "targets/core/monitor/peer.hpp"
#include "targets/core/monitor/signal.hpp"
#include "targets/core/monitor/storage_monitor.hpp"
#include "targets/core/monitor/windows.hpp"

namespace ftcore {

struct MonitorSettings {
    Duration operation_span = std::chrono::seconds(2);
    Duration storage_span = std::chrono::seconds(5);
    Duration lag_span = std::chrono::seconds(5);
    OwnTimeSettings own_time{};
};

/// First stage: takes signals in and keeps what the later ones ask for. Constant time per signal.
/// Thread: one owner.
class Monitor {
  public:
    /// `others`: all members but this node.
    Monitor(MonitorSettings settings, const std::vector<Member>& others);

    /// What does not concern this stage (`ActionDone`) and peers nobody has named are ignored.
    void record(Instant now, const Signal& signal);

    [[nodiscard]] std::vector<PeerFacts>& peers() { return peers_; }
    [[nodiscard]] const std::vector<PeerFacts>& peers() const { return peers_; }
    [[nodiscard]] const PeerFacts* peer(NodeId id) const;

    [[nodiscard]] OperationMonitor& operations() { return operations_; }
    [[nodiscard]] StorageMonitor& storage() { return storage_; }
    [[nodiscard]] OwnTime& own_time() { return own_time_; }
    /// The worst lateness of this node's own loop lately.
    [[nodiscard]] Duration loop_lag(Instant now) { return lag_.maximum(now); }
    /// This node was to act at `due` and acts now: lateness counts as lag, and as a gap in its own
    /// time.
    void acted(Instant now, Instant due);
    /// How long this node did not run since the last call, as far as it has noticed.
    [[nodiscard]] Duration take_gap() { return std::exchange(gap_, Duration::zero()); }
    [[nodiscard]] const std::optional<signal::Resources>& resources() const { return resources_; }

  private:
    PeerFacts* find(NodeId id);

    std::vector<PeerFacts> peers_{};
    OperationMonitor operations_;
    StorageMonitor storage_;
    MaximumWindow lag_;
    OwnTime own_time_;
    Duration gap_{};
    std::optional<signal::Resources> resources_{};
};

}  // namespace ftcore
