// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "targets/core/detect/storage_health.hpp"
#include "targets/core/diagnose/diagnosis.hpp"
#include "targets/core/errors/error_code.hpp"

namespace ftcore {

/// What a node knows of its own disk when something is wrong with it.
struct StorageFindings {
    StorageTrouble trouble = StorageTrouble::none;
    std::string failure{};     // "fsync of the log: Input/output error"
    Duration recent{};         // the middle of the last few writes
    Duration p99{};            // of the last seconds
    Duration bound{};          // what counts as slow
    Duration peers_latency{};  // zero: nobody says
};
/// Requires: trouble is not `none`.
[[nodiscard]] Diagnosis diagnose_storage(Instant now, NodeId self, const StorageFindings& findings);

[[nodiscard]] Diagnosis diagnose_corruption(Instant now, NodeId self, const std::string& where);

/// What a node knows of its own operations when they fail, wait or take too long.
struct LoadFindings {
    std::uint64_t total = 0;
    std::uint64_t failed = 0;
    std::optional<ErrorCode> most_frequent{};
    Duration median{};
    Duration p99{};
    Duration usual{};  // zero: not learnt yet
    std::size_t queue_depth = 0;
    bool queue_long = false;
    bool failing = false;  // the error rate is an anomaly
    bool shifted = false;  // so is the latency
    bool overloaded = false;
};
/// `overload` when commands pile up, `slow` when they fail or crawl without that.
[[nodiscard]] Diagnosis diagnose_load(Instant now, NodeId self, const LoadFindings& findings);

}  // namespace ftcore
