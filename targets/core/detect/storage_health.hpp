// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "targets/core/detect/hysteresis.hpp"
#include "targets/core/monitor/storage_monitor.hpp"

namespace ftcore {

struct StorageHealthSettings {
    Duration latency_max = std::chrono::milliseconds(100);  // of a synced write, for a while: slow
    /// Or so many times the peers' p99, and at least `latency_min`.
    double peers_factor = 8;
    Duration latency_min = std::chrono::milliseconds(10);
    /// Slow writes must make up at least this time: one hiccup of the disk is none.
    Duration slow_for = std::chrono::milliseconds(100);
    Duration off_after = std::chrono::seconds(1);
};

enum class StorageTrouble : std::uint8_t { none, slow, full, failing };

/// What this node's disk is like. One failed sync is enough for `failing` (the kernel may have
/// dropped the pages), one ENOSPC for `full`; both last until a write succeeds again, or nothing is
/// outstanding any more. `slow` needs most of the last few writes above the bound.
class StorageHealthDetector {
  public:
    explicit StorageHealthDetector(StorageHealthSettings settings);

    [[nodiscard]] static std::string_view name() { return "storage_health"; }

    struct View {
        const StorageMonitor& storage;
        bool ok = true;            // no failed or refused write outstanding
        Duration peers_latency{};  // the middle of what healthy peers say; zero: none says
    };
    /// Answers whether the trouble has changed.
    bool assess(Instant now, const View& view);
    [[nodiscard]] StorageTrouble trouble() const { return trouble_; }
    /// Above this a write is slow.
    [[nodiscard]] Duration bound(Duration peers_latency) const;
    [[nodiscard]] Instant deadline() const { return slow_.deadline(); }

  private:
    [[nodiscard]] Reading slowness(Instant now, const View& view) const;

    StorageHealthSettings settings_;
    Hysteresis slow_;
    StorageTrouble trouble_ = StorageTrouble::none;
    std::uint64_t failures_seen_ = 0;
    bool was_outstanding_ = false;  // the failure has shown in `View::ok`
};

}  // namespace ftcore
