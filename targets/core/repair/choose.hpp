// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "targets/core/diagnose/diagnosis.hpp"
#include "targets/core/repair/strategy.hpp"
#include "targets/core/types.hpp"

namespace ftcore {

struct RepairSettings {
    int fail_over_attempts = 3;
    int rotate_attempts = 2;  // of the whole strategy; each tries several times
    /// After a hand-over for slowness, none for slowness again within this time: two nodes that are
    /// both slow must not play ball.
    Duration hand_over_pause = std::chrono::seconds(10);
    /// How often this process was restarted for repair lately, as its supervisor knows, and when
    /// that is enough.
    int restarts_before = 0;
    int restarts_max = 3;
};

/// What the choice depends on besides the diagnosis.
struct RepairSituation {
    Level level = Level::high;
    bool leading = false;
    bool about_leader = false;    // the node that is ill led when it was lost
    bool healthy_peer = false;    // somebody could lead instead
    bool alone = false;           // a group of one
    bool clients_suffer = false;  // operations fail or have become slow
    bool all_lag = false;  // the loops of this node and of all others are late: they share what
                           // is busy, and nobody else would do better
    std::optional<Instant> last_hand_over{};  // for slowness
};

/// The strategies to try one after the other, each when the one before did not help. Never empty;
/// the last one is safe: it can be stayed in. Refused alternative: choosing by a score. A table can
/// be read, and tested row by row.
[[nodiscard]] std::vector<Strategy> choose(const Diagnosis& diagnosis,
                                           const RepairSituation& situation,
                                           const RepairSettings& settings);

}  // namespace ftcore
