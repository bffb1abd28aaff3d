// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "targets/core/failover/consensus.hpp"

namespace ftcore {

/// What of one moment the checks of the next step need.
struct Observation {
    Role role = Role::follower;
    HardState hard_state{};
    NodeId leader = nobody;
    SnapshotMark snapshot{};
    SnapshotMark last{};  // the last entry's place
    Index commit = 0;
    Index announced = 0;         // the last `apply_to`
    std::uint64_t rebuilds = 0;  // how often `rebuild` was asked for
    std::uint64_t issued = 0;    // the last StorageWork
    Stored progress{};
    bool serving = false;
};

[[nodiscard]] Observation observe(const Consensus& consensus);

/// What is wrong with this state by itself, as one sentence for people; nothing when all is well.
/// Cheap enough to run after every step: of the log it looks at the end only.
[[nodiscard]] std::optional<std::string> broken_invariant(const Consensus& consensus);

/// The same, and what is wrong with the step from `before` (an earlier moment of the same object)
/// to `after`. Any number of inputs may lie between, but a restart may not. Source: the idea is
/// LogCabin's `RaftConsensusInvariants`; the properties are figure 3.2 of Ongaro 2014, as far as
/// one server can see them.
[[nodiscard]] std::optional<std::string> broken_invariant(const Observation& before,
                                                          const Consensus& after);

}  // namespace ftcore
