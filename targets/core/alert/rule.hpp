// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/core/detect/storage_health.hpp"
#include "targets/core/errors/error_code.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

/// What rules may ask about.
struct AlertView {
    Instant now{};
    std::vector<std::string> peers_lost{};  // names
    std::optional<Instant> no_primary_since{};
    StorageTrouble storage = StorageTrouble::none;
    std::optional<std::string> corruption{};  // where, while it is not repaired
    bool failing = false;                     // operations fail more often than they may
    bool overloaded = false;
    std::optional<std::string> safe_state{};  // why repair gave up
};

/// Something a rule holds for; a rule may hold for several at once (each lost peer).
struct AlertSubject {
    std::string key;
    std::string text;
};

struct AlertRule {
    std::string name;
    Severity severity = Severity::error;
    /// How long it must hold before anybody is told.
    Duration hold{};
    /// Once resolved, the same is not told again before this has passed.
    Duration cooldown = std::chrono::seconds(10);
    std::vector<AlertSubject> (*subjects)(const AlertView&) = nullptr;
};

/// peer_lost, no_primary (for 1 s), storage_failing, storage_slow, disk_full, corruption,
/// error_rate, overload, safe_state.
[[nodiscard]] std::vector<AlertRule> default_alert_rules();

}  // namespace ftcore
