// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "targets/core/failover/consensus.hpp"
#include "tests/simulation/world/clock.hpp"

namespace ftcore::simulation {

/// Mean time between two faults of a kind in the whole group; zero: never.
struct FaultPlan {
    Duration process_crash{};
    Duration power_loss{};
    Duration blackout{};  // power loss of all nodes at once
    Duration damage{};
    Duration partition{};
    Duration reset{};
    Duration pause{};
    Duration disk_failure{};
    Duration slow_disk{};
    Duration suspicion{};
    Duration hand_over{};
    /// Chance that something is done to a new leader within its first moments.
    double aimed = 0;
    /// Chance that the others notice a crash at once.
    double crash_noticed = 0;
    Duration down_max{};  // how long a crashed node stays down at most
    Duration partition_max{};
    Duration pause_max{};
    Duration flapping{};     // one cut after the other
    Duration flap_period{};  // in between
    /// A cut that leaves a majority is there until the end.
    bool standing_cut = false;
};

struct NetworkPlan {
    Duration delay{};
    Duration jitter{};  // mean of what comes on top
    double loss = 0;
    double duplication = 0;
    /// Like TCP: nothing is lost, doubled or overtaken, except that a connection breaks.
    bool ordered = false;
    /// Chance that a cut holds messages back, like a connection that has come to a stop, instead of
    /// losing them: they arrive when it heals.
    double holding = 0;
    /// What was held back arrives even if the connection was replaced meanwhile.
    bool late_after_reset = false;
};

struct DiskPlan {
    Duration write{};
    Duration sync{};
    Duration sync_period{};
    std::size_t segment_bytes = 0;
    std::size_t piece_bytes = 0;  // of a snapshot
    Index snapshot_after = 0;     // entries; 0: never
};

struct LoadPlan {
    std::size_t clients = 0;
    std::uint64_t keys = 0;
    Duration pause{};  // mean, of one client between two operations
    Duration timeout{};
    double reads = 0;
    double exchanges = 0;
};

/// Everything about a world that its seed decides before it begins.
struct Plan {
    std::uint64_t seed = 0;
    Duration length{};
    Duration quiet{};               // the last part of it, with everything healed
    ConsensusSettings consensus{};  // `self` is filled in for each node
    FaultPlan faults{};
    NetworkPlan network{};
    DiskPlan disk{};
    LoadPlan load{};
    std::vector<std::int64_t> drifts{};  // of the nodes' clocks, parts per million
    Duration timer_lateness{};           // at most
    bool look_inside = true;             // check the invariants of each server by itself as well
};

/// What the user fixes; the seed draws the rest.
struct Wanted {
    Duration length = std::chrono::seconds(60);
    std::optional<int> nodes{};  // 1, 3 or 5
    std::optional<bool> witness{};
    std::optional<Level> level{};
    bool look_inside = true;
};

/// Each fault is on in some worlds and off in others, with rates of all magnitudes: mixtures that a
/// fixed rate would never give (swarm testing).
/// Source: Groce et al., "Swarm Testing" (2012).
[[nodiscard]] Plan draw_plan(std::uint64_t seed, const Wanted& wanted);

[[nodiscard]] std::string describe(const Plan& plan);

}  // namespace ftcore::simulation
