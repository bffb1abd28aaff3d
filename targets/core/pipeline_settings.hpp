// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "targets/core/alert/alerter.hpp"
#include "targets/core/detect/careful.hpp"
#include "targets/core/detect/catalog.hpp"
#include "targets/core/detect/error_rate.hpp"
#include "targets/core/detect/latency_shift.hpp"
#include "targets/core/detect/overload.hpp"
#include "targets/core/detect/storage_health.hpp"
#include "targets/core/monitor/monitor.hpp"
#include "targets/core/recover/takeover.hpp"
#include "targets/core/repair/choose.hpp"
#include "targets/core/repair/shedding.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// All that a pipeline can be told; only the first three have no default. The parts are described
/// where they are declared.
struct PipelineSettings {
    NodeId self = nobody;
    std::vector<Member> members{};          // `self` among them
    std::map<NodeId, std::string> names{};  // in events and reports: "kv[0]"
    Level level = Level::high;

    MonitorSettings monitor{};
    /// Heartbeats of every peer: which detector (catalog.hpp), and what keeps it from accusing too
    /// quickly.
    std::string detector = "phi_accrual";
    DetectorSettings detectors{};
    CarefulSettings careful{};
    /// A fresh connection to a doubted peer that has no answer by then was tried in vain.
    Duration probe_patience = std::chrono::milliseconds(300);

    ErrorRateSettings error_rate{};
    LatencyShiftSettings latency_shift{};
    OverloadSettings overload{};
    StorageHealthSettings storage{};
    /// How often windows of operations and storage are looked at while there is something in them.
    Duration look_every = std::chrono::milliseconds(100);
    /// Not having run for so long is worth an `anomaly` about this node itself.
    Duration own_gap_told = std::chrono::milliseconds(200);

    AlertSettings alerts{};
    RepairSettings repair{};
    SheddingSettings shedding{};
    TakeoverSettings takeover{};
};

/// Errors: members without this node, an unknown detector, impossible times; with the remedy.
[[nodiscard]] Result<> check(const PipelineSettings& settings);

}  // namespace ftcore
